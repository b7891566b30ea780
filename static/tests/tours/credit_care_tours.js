import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openApp = () => [
    stepUtils.showAppsMenuItem(),
    {
        content: "The app has its place in the menu",
        trigger: '.o_app[data-menu-xmlid="account_credit_care.credit_menu_root"]',
        run: "click",
    },
];

registry.category("web_tour.tours").add("credit_care_controller", {
    steps: () => [
        ...openApp(),
        {
            content: "The worklist opens first and says what is to be done",
            trigger: ".o_breadcrumb:contains(Worklist)",
        },
        {
            content: "… and why",
            trigger: ".o_data_row:contains(Ferri S.r.l.) td[name=priority_note]:contains(days late)",
        },
        {
            content: "Open the case",
            trigger: ".o_data_row:contains(Ferri S.r.l.) td[name=partner_id]",
            run: "click",
        },
        {
            content: "Everything about the debtor on one page",
            trigger: ".o_form_view div[name=figures]:contains(1,000.00)",
        },
        {
            content: "Call him",
            trigger: ".o_form_statusbar button[name=action_log_call]",
            run: "click",
        },
        {
            content: "The debtor was reached",
            trigger: ".modal div[name=outcome] .o_selection_badge:contains(/^Reached$/)",
            run: "click",
        },
        {
            content: "Why he has not paid",
            trigger: ".modal div[name=reason_id] input",
            run: "edit not received",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains(Has not received the invoice)",
            run: "click",
        },
        {
            content: "The reason brings its guidance",
            trigger: ".modal div[name=guidance]:contains(Send it again)",
        },
        {
            content: "… and what follows from it",
            trigger: ".modal div[name=follow_up] select:value(resend), .modal div[name=follow_up] input:value(The invoice again)",
        },
        {
            trigger: ".modal div[name=remark] input",
            run: "edit Never got it",
        },
        {
            trigger: ".modal footer button[name=action_save]",
            run: "click",
        },
        {
            content: "The call is on the time line",
            trigger: "body:not(:has(.modal)) .o_notebook_headers a[name=timeline]",
            run: "click",
        },
        {
            trigger: "div[name=action_ids] .o_data_row:contains(Reached · Has not received the invoice · Never got it)",
        },
        {
            content: "The reason stays on the case",
            trigger: "div[name=reason_id] input:value(Has not received the invoice)",
        },
        {
            content: "A message of the time line shows what was said",
            trigger: "div[name=action_ids] .o_data_row:contains(On its way) td[name=title]",
            run: "click",
        },
        {
            trigger: ".modal div[name=preview_html] iframe",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "Pause the reminders",
            trigger: "body:not(:has(.modal)) .o_form_statusbar button[name=action_pause]",
            run: "click",
        },
        {
            trigger: ".modal div[name=until] button, .modal div[name=until] input",
            run: "click",
        },
        {
            trigger: ".modal div[name=until] input",
            run: "edit 12/31/2099",
        },
        {
            trigger: ".modal div[name=reason] input",
            run: "edit The invoice goes out again",
        },
        {
            trigger: ".modal footer button[name=action_apply]:contains(Pause)",
            run: "click",
        },
        {
            content: "The banner says who waits for what",
            trigger: "body:not(:has(.modal)) .alert div[name=hold_note]:contains(The invoice goes out again)",
        },
        {
            content: "… and the case can go on by a click",
            trigger: ".o_form_statusbar button[name=action_resume]",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name=action_pause]",
        },
    ],
});

registry.category("web_tour.tours").add("credit_care_review", {
    steps: () => [
        {
            content: "A message waits for review",
            trigger: ".o_data_row:contains(Ferri S.r.l.):contains(To review) td[name=partner_id]",
            run: "click",
        },
        {
            content: "Its text can be read before it leaves",
            trigger: "div[name=preview_html] iframe",
        },
        {
            content: "… and changed",
            trigger: "a[name=note]",
            run: "click",
        },
        {
            trigger: "div[name=note] .odoo-editor-editable",
            run: "editor Dear friends",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            content: "Let it go",
            trigger: ".o_form_statusbar button[name=action_send]",
            run: "click",
        },
        {
            content: "It no longer waits",
            trigger: ".o_form_statusbar:not(:has(button[name=action_send])) button[name=action_skip]",
        },
    ],
});

registry.category("web_tour.tours").add("credit_care_manager", {
    steps: () => [
        ...openApp(),
        {
            content: "Policies stand under Configuration",
            trigger: '[data-menu-xmlid="account_credit_care.credit_configuration_menu"]',
            run: "click",
        },
        {
            trigger: '[data-menu-xmlid="account_credit_care.credit_policy_menu"]',
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Test policy) td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_breadcrumb:contains(Test policy), .o_form_view",
        },
    ],
});

registry.category("web_tour.tours").add("credit_care_override", {
    steps: () => [
        {
            content: "The banner says why the order stops",
            trigger: ".alert-danger div[name=credit_care_note]:contains(is suspended since)",
        },
        {
            content: "A manager lets it pass",
            trigger: ".alert-danger button[name=action_credit_override]",
            run: "click",
        },
        {
            trigger: ".modal div[name=reason] input",
            run: "edit He pays at the counter",
        },
        {
            trigger: ".modal footer button[name=action_apply]:contains(Let it pass)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .alert-warning:contains(He pays at the counter)",
        },
        {
            content: "Now it can be confirmed",
            trigger: ".o_form_statusbar button[name=action_confirm]:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sales Order)",
        },
    ],
});

registry.category("web_tour.tours").add("credit_care_salesperson", {
    steps: () => [
        ...openApp(),
        {
            content: "Only the own customers",
            trigger: ".o_list_view:not(:contains(Other S.p.A.)) .o_data_row:contains(Ferri S.r.l.) td[name=partner_id]",
            run: "click",
        },
        {
            content: "All can be read and nothing done",
            trigger: ".o_form_view:not(:has(button[name=action_pause], button[name=action_log_call], button[name=action_exclude])) a[name=timeline]",
            run: "click",
        },
        {
            trigger: "div[name=action_ids] .o_data_row:contains(Credit suspended)",
        },
    ],
});

registry.category("web_tour.tours").add("credit_care_salesperson_order", {
    steps: () => [
        {
            content: "The banner stands on the order, without the manager's button",
            trigger: ".alert-danger:not(:has(button[name=action_credit_override])) button[name=action_open_credit_case]",
            run: "click",
        },
        {
            trigger: ".o_form_view div[name=figures]",
        },
    ],
});
