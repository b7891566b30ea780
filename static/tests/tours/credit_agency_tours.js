import { registry } from "@web/core/registry";

const day = (offset) => new Date(Date.now() + offset * 24 * 3600 * 1000).toISOString().slice(0, 10);
const fits = () => {
    if (document.documentElement.scrollWidth > window.innerWidth) {
        console.error(`${location.pathname} is wider than the screen`);
    }
};
const follow = (trigger, content) => ({ content, trigger, run: "click", expectUnloadPage: true });
const send = (content) => follow(".o_credit_form button[type=submit]", content);

registry.category("web_tour.tours").add("credit_care_agency_day", {
    steps: () => [
        { content: "The start says what waits", trigger: ".o_credit_counters", run: fits },
        follow(".o_credit_counters a:contains(To accept)", "What is new"),
        { content: "The list fits", trigger: ".o_credit_items:contains(Ferri)", run: fits },
        follow(".o_credit_items a:contains(Ferri)", "The first of them"),
        {
            content: "What to say first, and how to approach",
            trigger: ".o_credit_note:contains(I call for Bellandi)",
            run: fits,
        },
        { trigger: ".o_credit_box:contains(Call in the morning)" },
        follow(".o_credit_form button:contains(Accept this position)", "It is ours"),
        { trigger: ".o_credit_note:contains(Accepted)" },
        follow(".o_credit_tell a:contains(A contact)", "He was called"),
        { trigger: "input[name=outcome][value=reached]", run: "click" },
        { trigger: "select[name=reason]", run: "selectByLabel Cannot pay now" },
        { trigger: "textarea[name=remark]", run: "edit A customer of his pays on Friday" },
        send("The contact is saved"),
        { trigger: ".o_credit_items:contains(A customer of his pays on Friday)" },
        follow(".o_credit_tell a:contains(A promise)", "He promises"),
        { trigger: "input[name=amount]", run: "edit 400,00" },
        {
            trigger: "input[name=on]",
            run() {
                this.anchor.value = day(5);
            },
        },
        send("The promise is noted"),
        { trigger: ".o_credit_badge:contains(Running)" },
        follow(".o_credit_tell a:contains(A question)", "Who signs there?"),
        { trigger: "textarea[name=text]", run: "edit Who signs there?" },
        send("Asked"),
        { trigger: ".o_credit_items:contains(Who signs there?)" },
        follow(".o_credit_tell a:contains(Give it back)", "It is too far away"),
        { trigger: "textarea[name=reason]", run: "edit He has moved abroad" },
        send("Given back"),
        { trigger: ".o_credit_note:contains(given back)" },
    ],
});
