import { _t } from "@web/core/l10n/translation";

/** What can be chosen, in the reader's language. */
export function periods() {
    return [
        { id: "12", name: _t("Last 12 months") },
        { id: "6", name: _t("Last 6 months") },
        { id: "3", name: _t("Last 3 months") },
        { id: "month", name: _t("Last month") },
        { id: "year", name: _t("This year") },
        { id: "last_year", name: _t("Last year") },
        { id: "custom", name: _t("Other days") },
    ];
}

/** First and last day of a period, none where the reader names them himself. */
export function daysOf(period, today) {
    const months = parseInt(period);
    if (period === "month") {
        const last = today.startOf("month").minus({ days: 1 });
        return [last.startOf("month"), last];
    }
    if (period === "year") {
        return [today.startOf("year"), today];
    }
    if (period === "last_year") {
        const first = today.minus({ years: 1 }).startOf("year");
        return [first, first.endOf("year")];
    }
    return months ? [today.plus({ days: 1 }).minus({ months }), today] : null;
}
