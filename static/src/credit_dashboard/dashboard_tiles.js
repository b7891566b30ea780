import { _t } from "@web/core/l10n/translation";

/** Which figures stand big on the page, by half: the code of the server and what it is called. */
export const TILES = {
    money: [
        ["ageing", _t("Open receivables")],
        ["dso", _t("DSO")],
        ["dso_best", _t("Best possible DSO")],
        ["dso_count_back", _t("DSO, count-back")],
        ["average_days_late", _t("Average days late")],
        ["cei", _t("Collection effectiveness")],
        ["nwc", _t("Bound by late payment")],
        ["allowance", _t("Bad-debt allowance")],
    ],
    customers: [
        ["recovery", _t("Recovered within 90 days")],
        ["kept", _t("Ordered again")],
        ["lost", _t("Lost")],
        ["again", _t("In default again")],
        ["legal", _t("Went to a lawyer")],
        ["promises_kept", _t("Promises kept")],
        ["plans_kept", _t("Plans kept")],
        ["cost", _t("Fees and court costs, of what came")],
        ["satisfaction", _t("Satisfied with how we asked")],
    ],
    hands: [],
};
