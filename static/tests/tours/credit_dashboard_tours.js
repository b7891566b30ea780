import { registry } from "@web/core/registry";

const tile = (code) => `.o_credit_tile[data-code=${code}]`;

registry.category("web_tour.tours").add("credit_dashboard", {
    steps: () => [
        { trigger: `${tile("recovery")} .o_credit_value:contains(40 %)` },
        { trigger: `${tile("recovery")} .o_credit_n:contains(too few to rely on)` },
        { trigger: `${tile("ageing")} .o_credit_value:contains(600)` },
        { trigger: ".o_credit_half[data-half=hands] :contains(No placement with an agency)" },
        {
            content: "Each chart has its numbers as a table",
            trigger: ".o_credit_chart:contains(What brought the money) button:contains(Show the numbers)",
            run: "click",
        },
        { trigger: ".o_credit_chart tr:contains(Before anybody asked) td:contains(400)" },
        {
            content: "A filter that leaves nothing says so",
            trigger: "label:contains(Policy) select",
            run: "selectByLabel None",
        },
        { trigger: `${tile("recovery")} .o_credit_n:contains(nothing to tell yet)` },
        { trigger: "label:contains(Policy) select", run: "selectByLabel All" },
        { trigger: `${tile("recovery")} button.o_credit_value`, run: "click" },
        { trigger: ".o_list_view .o_data_row:contains(Ferri)" },
        {
            content: "Back on the page as it was",
            trigger: ".o_back_button, .breadcrumb-item a:contains(Dashboard)",
            run: "click",
        },
        { trigger: `${tile("recovery")} .o_credit_value:contains(40 %)` },
        {
            content: "A month leads to what became overdue in it",
            trigger: ".o_credit_chart:contains(by the month) button:contains(Show the numbers)",
            run: "click",
        },
        {
            trigger: ".o_credit_chart:contains(by the month) tr:contains(40 %) button",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Ferri)" },
    ],
});
