import { registry } from "@web/core/registry";

const MOST = 4; // clicks for the commonest call: reached, promises Friday

const callAndPromise = [
    {
        content: "Call the debtor, from his row of the worklist",
        trigger: ".o_data_row:contains(Ferri S.r.l.) button[name=action_log_call]",
        run: "click",
    },
    {
        content: "Whom to ask for, and his number to be tapped",
        trigger: ".modal div[name=phone] a[href^='tel:']",
    },
    {
        trigger: ".modal div[name=item_ids] .o_data_row",
    },
    {
        content: "Reached",
        trigger: ".modal div[name=outcome] .o_selection_badge:contains(/^Reached$/)",
        run: "click",
    },
    {
        content: "Promises to pay on Friday",
        trigger: ".modal div[name=promise_soon] .o_selection_badge:contains(/^Friday$/)",
        run: "click",
    },
    {
        content: "All that is asked for, unless something else was said",
        trigger: ".modal div[name=promise_amount] input:value(1,000.00)",
    },
    {
        content: "Save it and go on",
        trigger: ".modal footer button[name=action_save_next]",
        run: "click",
    },
];

registry.category("web_tour.tours").add("credit_care_call", {
    steps: () => {
        const clicks = callAndPromise.filter((step) => step.run === "click").length;
        if (clicks > MOST) {
            throw new Error(`${clicks} clicks for a promise: ${MOST} are enough`);
        }
        return [
            ...callAndPromise,
            {
                content: "The next debtor of the worklist",
                trigger: ".modal .modal-title:contains(Call Other S.p.A.)",
            },
            {
                trigger: ".modal div[name=outcome] .o_selection_badge:contains(/^Not reached$/)",
                run: "click",
            },
            {
                content: "He is tried again on the next working day",
                trigger: ".modal div[name=again_at] input, .modal div[name=again_at] button",
            },
            {
                trigger: ".modal footer button[name=action_save_next]",
                run: "click",
            },
            {
                content: "That was all for today",
                trigger: ".o_notification:contains(the last call of today)",
            },
            {
                trigger: "body:not(:has(.modal)) .o_list_view",
            },
        ];
    },
});

registry.category("web_tour.tours").add("credit_care_department", {
    steps: () => [
        {
            content: "What the customer said, and nothing of his case",
            trigger: ".o_form_view:not(:has(button[name=action_open_case])) div[name=text]",
        },
        {
            trigger: ".o_form_statusbar button[name=action_answer]",
            run: "click",
        },
        {
            trigger: ".modal div[name=answer] textarea",
            run: "edit New boxes leave today.",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view div[name=answer]:contains(New boxes leave today.)",
        },
    ],
});
