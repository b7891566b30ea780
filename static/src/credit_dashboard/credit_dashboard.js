import { Component, onWillStart, useState } from "@odoo/owl";

import { formatCurrency } from "@web/core/currency";
import {
    deserializeDate,
    deserializeDateTime,
    formatDate,
    formatDateTime,
    serializeDate,
} from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { useSetupAction } from "@web/search/action_hook";

import { CreditChart } from "./credit_chart";
import { charts } from "./dashboard_charts";
import { daysOf, periods } from "./dashboard_periods";
import { TILES } from "./dashboard_tiles";

const { DateTime } = luxon;
const HALVES = ["money", "customers", "hands"];
const FEW = 10; // below that no percentage stands alone

/**
 * Money, customers, hands on one page. Every number leads to its records and says from how many
 * of them it comes; the three parts are asked for at once and stand as they arrive.
 */
export class CreditDashboard extends Component {
    static template = "account_credit_care.CreditDashboard";
    static components = { CreditChart };
    static props = { "*": true };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.halves = HALVES;
        this.titles = {
            money: _t("Money"),
            customers: _t("Customers"),
            hands: _t("Hands"),
        };
        this.periods = periods();
        // whoever comes back from the records finds the page as he left it
        useSetupAction({
            getLocalState: () => {
                const { period, first, last, filters } = this.state;
                return { period, first, last, filters: { ...filters } };
            },
        });
        this.state = useState({
            period: "12",
            first: "",
            last: "",
            filters: {},
            choices: null,
            data: {},
            kept: {},
            failed: {},
            loading: 0,
            ...(this.props.state || {}),
        });
        onWillStart(async () => {
            this.state.choices = await this.ask("choices");
            if (!this.state.last) {
                this.setPeriod("12");
            }
            this.load();
        });
    }

    // ------------------------------------------------------------------ asking

    ask(half, ...args) {
        return this.orm.call("credit.dashboard", "get_figures", [half, ...args]);
    }

    /** All of the page; or one part of it anew, instead of what the night has kept. */
    load(halves = HALVES, anew = false) {
        this.turn = (this.turn || 0) + 1;
        const turn = this.turn;
        const { first, last, filters } = this.state;
        for (const half of halves) {
            this.state.loading++;
            this.state.failed[half] = "";
            this.ask(half, first, last, { ...filters }, anew)
                .then((found) => {
                    if (turn === this.turn) {
                        this.state.data[half] = found.figures;
                        this.state.kept[half] = found.kept_at
                            ? formatDateTime(deserializeDateTime(found.kept_at))
                            : "";
                    }
                })
                .catch((error) => {
                    if (turn === this.turn) {
                        this.state.data[half] = null;
                        this.state.failed[half] = error.data?.message || _t("No answer.");
                    }
                })
                .finally(() => this.state.loading--);
        }
    }

    setPeriod(period) {
        this.state.period = period;
        const days = daysOf(period, deserializeDate(this.state.choices.today));
        if (days) {
            [this.state.first, this.state.last] = days.map((day) => serializeDate(day));
        }
    }

    onPeriod(ev) {
        this.setPeriod(ev.target.value);
        if (ev.target.value !== "custom") {
            this.load();
        }
    }

    onDay(name, ev) {
        if (DateTime.fromISO(ev.target.value).isValid) {
            this.state[name] = ev.target.value;
            this.load();
        }
    }

    onFilter(name, ev) {
        if (ev.target.value === "") {
            delete this.state.filters[name];
        } else {
            this.state.filters[name] = parseInt(ev.target.value);
        }
        this.load();
    }

    onPrint() {
        window.print();
    }

    // ------------------------------------------------------------------ telling

    get subtitle() {
        const day = (name) => formatDate(deserializeDate(this.state[name]));
        const parts = [
            this.state.choices.company,
            _t("%(first)s to %(last)s", { first: day("first"), last: day("last") }),
        ];
        for (const filter of this.state.choices.filters) {
            const chosen = this.state.filters[filter.name];
            if (chosen !== undefined) {
                const choice = filter.choices.find((one) => one.id === chosen);
                parts.push(`${filter.label}: ${choice ? choice.name : _t("none")}`);
            }
        }
        return parts.join(" · ");
    }

    get isEmpty() {
        return this.halves.every((half) => {
            const found = this.state.data[half];
            return found && Object.values(found).every((figure) => !figure.n);
        });
    }

    tiles(half) {
        const found = this.state.data[half] || {};
        return TILES[half].filter(([code]) => found[code]).map(([code, title]) => {
            const figure = found[code];
            return {
                code,
                title,
                figure,
                value: this.say(figure),
                more: this.explain(figure),
                claim: this.claim(figure),
                basis: figure.basis,
            };
        });
    }

    charts(half) {
        const found = this.state.data[half];
        return found ? charts(half, found, this) : [];
    }

    money(amount, humanReadable = true) {
        return formatCurrency(amount, this.state.choices.currency_id, {
            digits: humanReadable ? undefined : [0, 0],
            humanReadable: humanReadable && Math.abs(amount) >= 1000000,
            noSymbol: false,
        });
    }

    /** Whole percents; of what is below one, the first digit: a cost of 0.4 % is not nothing. */
    percent(share) {
        if (share === null || share === undefined) {
            return "–";
        }
        const digits = share > 0 && share < 0.01 ? 1 : 0;
        return `${formatFloat(100 * share, { digits: [0, digits] })} %`;
    }

    /** How many of `n`: one decimal where a head has answered several questions. */
    hits(estimate) {
        const hits = estimate.value * estimate.n;
        const digits = Math.abs(hits - Math.round(hits)) < 0.05 ? 0 : 1;
        return formatFloat(hits, { digits: [0, digits] });
    }

    days(value) {
        return value === null || value === undefined
            ? "–"
            : formatFloat(value, { digits: [0, 1] });
    }

    /** What stands big: never a percentage of three. */
    say(figure) {
        if (figure.value === null) {
            return "–";
        }
        if (figure.unit === "share" && figure.low !== undefined && figure.n < FEW) {
            return _t("%(hits)s of %(n)s", { hits: this.hits(figure), n: figure.n });
        }
        return {
            share: () => this.percent(figure.value),
            money: () => this.money(figure.value),
            days: () => _t("%s days", this.days(figure.value)),
            count: () => `${figure.value}`,
        }[figure.unit]();
    }

    /** From how many records it comes, and where the truth lies. */
    explain(figure) {
        if (figure.value === null) {
            return figure.n ? "" : _t("nothing to tell yet");
        }
        const interval = figure.low !== undefined;
        const many = figure.n >= FEW ? _t("of %s", figure.n) : "";
        const parts = [interval ? many : _t("from %s records", figure.n)];
        if (interval) {
            parts.push(
                _t("between %(low)s and %(high)s", {
                    low: this.percent(figure.low),
                    high: this.percent(figure.high),
                })
            );
        } else if (figure.unit === "share" && figure.n < FEW) {
            parts.push(_t("too few to rely on"));
        }
        return parts.filter(Boolean).join(" · ");
    }

    claim(figure) {
        if (!figure.claim) {
            return "";
        }
        const value = this.percent(figure.claim.value);
        return figure.claim.side === "above"
            ? _t("A firm of the trade claims over %s", value)
            : _t("A firm of the trade claims below %s", value);
    }

    interval(estimate) {
        if (!estimate) {
            return "–";
        }
        const range = `${this.percent(estimate.low)} – ${this.percent(estimate.high)}`;
        return estimate.n < FEW
            ? _t("%(hits)s of %(n)s (%(range)s)", {
                  hits: this.hits(estimate), n: estimate.n, range,
              })
            : _t("%(value)s of %(n)s (%(range)s)", {
                  value: this.percent(estimate.value), n: estimate.n, range,
              });
    }

    // ------------------------------------------------------------------ clicking down

    open(title, rows) {
        if (!rows) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: title,
            res_model: rows.model,
            domain: rows.domain,
            context: { ...rows.context },
            views: ["list", "pivot", "graph", "form"].map((type) => [false, type]),
        });
    }
}

registry.category("actions").add("credit_dashboard", CreditDashboard);
