import { _t } from "@web/core/l10n/translation";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { deserializeDate } from "@web/core/l10n/dates";

const LINE = 20; // letters of a label that a phone has room for
const paint = (number, of = 6) => getColor(number, cookie.get("color_scheme"), of);
const month = (day) => deserializeDate(day).toFormat("LLL yy");
const percents = (rows, name) =>
    rows.map((row) => (row[name] === null || row[name] === undefined ? null : 100 * row[name]));

/** The charts of a half: what Chart.js needs, and the same as a table. */
export function charts(half, found, page) {
    return { money, customers, hands }[half](found, page).filter((chart) => chart.rows.length);
}

/** A long name in several lines: Chart.js would cut it. */
function wrap(label) {
    const lines = [""];
    for (const word of label.split(" ")) {
        const last = lines[lines.length - 1];
        if (last && last.length + word.length >= LINE) {
            lines.push(word);
        } else {
            lines[lines.length - 1] = last ? `${last} ${word}` : word;
        }
    }
    return lines;
}

function bars(labels, datasets, { percent = false, stacked = false, horizontal = false } = {}) {
    const value = {
        stacked,
        beginAtZero: true,
        ticks: percent ? { callback: (tick) => `${tick} %` } : { maxTicksLimit: 5 },
    };
    const names = { stacked, grid: { display: false }, ticks: { autoSkip: !horizontal } };
    return {
        type: "bar",
        data: {
            labels: horizontal ? labels.map(wrap) : labels,
            datasets: datasets.map((one) => ({ maxBarThickness: 36, ...one })),
        },
        options: {
            indexAxis: horizontal ? "y" : "x",
            scales: horizontal ? { x: value, y: names } : { x: names, y: value },
            plugins: {
                legend: {
                    display: datasets.length > 1, position: "bottom", labels: { boxWidth: 12 },
                },
            },
        },
    };
}

function money(found, page) {
    const buckets = found.ageing ? found.ageing.buckets : [];
    const ageing = {
        key: "ageing",
        title: _t("What is open, by days overdue"),
        config: bars(
            buckets.map((one) => one.name),
            [{ label: _t("Open"), data: buckets.map((one) => one.amount), backgroundColor: paint(0) }]
        ),
        columns: [_t("Days overdue"), _t("Open"), _t("Items")],
        rows: buckets.filter((one) => one.n).length
            ? buckets.map((one) => ({
                  key: one.name,
                  cells: [one.name, page.money(one.amount), one.n],
                  onClick: () => page.open(one.name, one.rows),
              }))
            : [],
    };
    const { n = 0, later = 0, unknown = 0 } = found.forecast || {};
    const weeks = n || later || unknown ? found.forecast.buckets : [];
    const week = (one) => deserializeDate(one.first).toFormat("d LLL");
    // not within the template literal: what is to be translated would not be found there
    const rest =
        found.forecast &&
        _t("Later: %(later)s. Nobody can say: %(unknown)s.", {
            later: page.money(later),
            unknown: page.money(unknown),
        });
    const forecast = {
        key: "forecast",
        title: _t("Cash that may come, by week"),
        note: found.forecast ? `${found.forecast.basis} ${rest}` : "",
        config: bars(
            weeks.map(week),
            [
                { label: _t("Agreed"), data: weeks.map((one) => one.sure), backgroundColor: paint(2) },
                {
                    label: _t("Expected"), data: weeks.map((one) => one.amount - one.sure),
                    backgroundColor: paint(0),
                },
            ],
            { stacked: true }
        ),
        columns: [_t("Week from"), _t("May come"), _t("Of which agreed")],
        rows: weeks.map((one) => ({
            key: one.first,
            cells: [week(one), page.money(one.amount), page.money(one.sure)],
            onClick: () => page.open(week(one), one.rows),
        })),
    };
    return [ageing, forecast];
}

function customers(found, page) {
    const { months, horizons } = found.recovery;
    const lines = [30, 60, 90].map((days, number) => ({
        label: _t("within %s days", days),
        data: percents(months, `share_${days}`),
        backgroundColor: paint(number),
    }));
    const recovery = {
        key: "recovery",
        title: _t("Recovered, by the month in which it became overdue"),
        note: horizons
            .map((one) =>
                _t("%(days)s days: %(share)s (n = %(n)s, %(young)s too young)", {
                    days: one.days, share: page.percent(one.share), n: one.n,
                    young: one.too_young,
                })
            )
            .join(" · "),
        config: bars(months.map((one) => month(one.month)), lines, { percent: true }),
        columns: [_t("Month"), _t("30 days"), _t("60 days"), _t("90 days"), _t("100 days"), "n"],
        rows: months.map((one) => ({
            key: one.month,
            cells: [
                month(one.month),
                ...[30, 60, 90, 100].map((days) => page.percent(one[`share_${days}`])), one.n,
            ],
            onClick: () => page.open(month(one.month), one.rows),
        })),
    };
    const used = found.stages.n ? found.stages.stages : [];
    const stages = {
        key: "stages",
        title: _t("What brought the money"),
        note: found.stages.basis,
        config: bars(
            used.map((one) => one.name),
            [{ label: _t("Received"), data: used.map((one) => one.amount), backgroundColor: paint(2) }],
            { horizontal: true }
        ),
        columns: [_t("The last thing done before"), _t("Received"), _t("Share"), _t("Cases")],
        rows: used.map((one) => ({
            key: one.code,
            cells: [one.name, page.money(one.amount), page.percent(one.share), one.n],
            onClick: () => page.open(one.name, one.rows),
        })),
    };
    return [recovery, stages, reasons(found.reasons, page), failures(found.failures, page)];
}

function reasons(figure, page) {
    return {
        key: "reasons",
        title: _t("Why they had not paid"),
        note: figure.basis,
        config: bars(
            figure.months.map((one) => month(one.month)),
            figure.kinds.map((kind, number) => ({
                label: kind.name,
                data: figure.months.map((one) => one[kind.code] || 0),
                backgroundColor: paint(number, 12),
            })),
            { stacked: true }
        ),
        columns: [_t("Reason"), _t("Times")],
        rows: figure.kinds.map((kind) => ({
            key: kind.code, cells: [kind.name, kind.n],
            onClick: () => page.open(kind.name, kind.rows),
        })),
    };
}

function failures(figure, page) {
    const own = figure.departments;
    return {
        key: "failures",
        title: _t("Our own failures"),
        note: figure.basis,
        config: bars(
            own.map((one) => one.name),
            [{ label: _t("Times"), data: own.map((one) => one.n), backgroundColor: paint(1) }],
            { horizontal: true }
        ),
        columns: [_t("What failed"), _t("Who answers"), _t("Times"), _t("Days to the answer")],
        rows: own.map((one, number) => ({
            key: number,
            cells: [one.name, one.owner, one.n, page.days(one.days)],
            onClick: () => page.open(one.name, one.rows),
        })),
    };
}

/** Writes the names beside the points: paper has no mouse. */
const names = {
    id: "credit_names",
    afterDatasetsDraw(chart) {
        const { ctx, chartArea } = chart;
        const middle = (chartArea.left + chartArea.right) / 2;
        ctx.save();
        ctx.fillStyle = chart.options.color;
        ctx.font = "12px sans-serif";
        ctx.textBaseline = "middle";
        chart.data.datasets.forEach((dataset, number) => {
            chart.getDatasetMeta(number).data.forEach((point, place) => {
                const left = point.x < middle;
                ctx.textAlign = left ? "left" : "right";
                ctx.fillText(dataset.data[place].name, point.x + (left ? 12 : -12), point.y);
            });
        });
        ctx.restore();
    },
};

/** Empathy against efficacy: each hand where its customers and its money put it. */
function hands(found, page) {
    const known = (league) =>
        (league ? league.lines : []).filter((one) => one.satisfaction && one.adjusted !== null);
    const agencies = known(found.agencies);
    const collectors = known(found.collectors);
    const points = (label, lines, color, style) => ({
        label,
        data: lines.map((one) => ({
            x: 100 * one.adjusted, y: 100 * one.satisfaction.value, name: one.name,
        })),
        backgroundColor: lines.map((one) => (one.ranked ? color : "transparent")),
        borderColor: color, borderWidth: 2, pointStyle: style, pointRadius: 7, clip: false,
    });
    const axis = (text) => ({
        min: 0, max: 100, title: { display: true, text },
        ticks: { callback: (tick) => `${tick} %` },
    });
    return [
        {
            key: "empathy",
            title: _t("Empathy against efficacy"),
            note: _t(
                "To the right the money, upwards the satisfied customers. Hollow: too few placements to rely on."
            ),
            tall: true,
            config: {
                type: "scatter",
                data: {
                    datasets: [
                        points(_t("Agencies"), agencies, paint(0), "circle"),
                        points(_t("Collectors"), collectors, paint(2), "rectRot"),
                    ].filter((one) => one.data.length),
                },
                options: {
                    layout: { padding: { top: 10, right: 10 } },
                    scales: {
                        x: axis(_t("Recovered, adjusted for age")),
                        y: axis(_t("Satisfied customers")),
                    },
                    plugins: {
                        legend: { position: "bottom", labels: { usePointStyle: true } },
                        tooltip: { callbacks: { label: (item) => item.raw.name } },
                    },
                },
                plugins: [names],
            },
            columns: [_t("Name"), _t("Recovered, adjusted"), _t("Satisfied"), _t("Placements")],
            rows: [["agency", agencies], ["collector", collectors]].flatMap(([hand, lines]) =>
                lines.map((one) => ({
                    key: `${hand}-${one.id}`,
                    cells: [
                        one.name, page.percent(one.adjusted), page.interval(one.satisfaction),
                        one.n,
                    ],
                    onClick: () => page.open(one.name, one.rows),
                }))
            ),
        },
    ];
}
