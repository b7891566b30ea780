import { registry } from "@web/core/registry";

const mark = (text) => `.o_credit_timeline svg .o_credit_note:contains(${text})`;
const cell = (row, field) => `[name=level_ids] .o_data_row:eq(${row}) [name=${field}]`;
const moveTo = (row, day, content) => [
    { content, trigger: cell(row, "delay_days"), run: "click" },
    {
        trigger: "[name=level_ids] .o_selected_row [name=delay_days] input",
        run: `edit ${day} && press Tab`,
    },
];

registry.category("web_tour.tours").add("credit_policy_timeline", {
    steps: () => [
        { trigger: mark("day −5 · E-mail") },
        { trigger: ".o_credit_timeline svg.o_credit_timeline_wide .o_credit_due_label" },
        { trigger: ".o_credit_timeline svg .o_credit_flag:contains(Credit suspended · +30)" },
        { trigger: ".o_credit_timeline li:contains(31 days after the due date: Step 31 (Letter, Gentle))" },
        ...moveTo(0, -8, "The picture follows the level that is being edited"),
        { trigger: mark("day −8 · E-mail") },
        { trigger: `${cell(1, "automatic")} input`, run: "click" },
        { trigger: mark("day +3 · E-mail · to review") },
        { trigger: ".o_credit_timeline_legend:contains(Waits for review)" },
        ...moveTo(1, 60, "A level that changes its day changes its place when it is saved"),
        { trigger: mark("day +60 · E-mail · to review") },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        { trigger: `${cell(5, "name")}:contains(Step 3):not(:contains(31))` },
        { trigger: `${cell(1, "delay_days")}:contains(10)` },
    ],
});

registry.category("web_tour.tours").add("credit_policy_timeline_phone", {
    steps: () => [
        { trigger: ".o_credit_timeline svg.o_credit_timeline_narrow .o_credit_name:contains(Step 31)" },
        {
            trigger: ".o_credit_timeline svg",
            run() {
                const svg = this.anchor;
                if (svg.getBoundingClientRect().right > window.innerWidth) {
                    throw new Error("The time line is wider than the phone");
                }
                for (const text of svg.querySelectorAll("text")) {
                    if (text.getBBox().x + text.getBBox().width > svg.clientWidth + 1) {
                        throw new Error(`Cut off: ${text.textContent}`);
                    }
                }
            },
        },
        { trigger: "[name=level_ids] .o_kanban_record:contains(Step 31)" },
    ],
});

registry.category("web_tour.tours").add("credit_policy_activate", {
    steps: () => [
        { trigger: ".o_data_row:contains(Test policy) [name=name]", run: "click" },
        { trigger: ".o_form_view [name=debtor_count]:contains(1)" },
        { trigger: "button[name=action_preview]:contains(Preview and activate)", run: "click" },
        { trigger: ".o_credit_preview:contains(1 message)" },
        { trigger: "[name=line_ids] .o_data_row:contains(Ferri):contains(Step 3)" },
        { trigger: "button[name=action_in_a_month]", run: "click" },
        { trigger: ".o_credit_preview:contains(no message)" },
        { trigger: "button[name=action_next_night]", run: "click" },
        { trigger: "[name=line_ids] .o_data_row:contains(Ferri)" },
        { trigger: "button[name=action_activate]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Active)" },
        { trigger: ".o_form_view:not(:has(button[name=action_activate]))" },
    ],
});
