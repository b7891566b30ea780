import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";

/**
 * A chart of core's Chart.js, and the same numbers as a table for whoever does not see it (or
 * wants to copy them): the table is always in the page, and shown on a click.
 */
export class CreditChart extends Component {
    static template = "account_credit_care.CreditChart";
    static props = {
        title: String,
        note: { type: String, optional: true },
        config: Object, // of Chart.js
        columns: Array, // of the table: names
        rows: Array, // [{ key, cells: [text], onClick? }]
        tall: { type: Boolean, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ open: false });
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.config.data)]
        );
    }

    get label() {
        return this.props.title + ". " + _t("The same numbers follow as a table.");
    }

    draw() {
        const { options = {}, ...config } = this.props.config;
        this.chart = new window.Chart(this.canvas.el, {
            ...config,
            options: {
                responsive: true,
                maintainAspectRatio: false,
                animation: false,
                locale: user.lang, // as the numbers beside it, whatever the browser speaks
                ...options,
            },
        });
        return () => this.chart.destroy();
    }
}
