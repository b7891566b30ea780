import { registry } from "@web/core/registry";

const WIDTH = 375;

registry.category("web_tour.tours").add("credit_care_note", {
    steps: () => [
        {
            content: "How to approach him, in a sentence",
            trigger: "div[name=approach_note] textarea",
            run: "edit Call before eight, he is on the site then",
        },
        {
            content: "He needs special attention",
            trigger: "div[name=special_attention] input",
            run: "click",
        },
        {
            trigger: "div[name=special_how] textarea",
            run: "edit No letters",
        },
        {
            content: "Somebody nobody has written down yet",
            trigger: "div[name=contact_name] input",
            run: "edit Anna Ferri && click body",
        },
        {
            trigger: "div[name=contact_phone] input",
            run: "edit +39 059 777",
        },
        {
            content: "Nothing to be pushed sideways",
            trigger: ".o_form_view",
            run: () => {
                const page = document.querySelector(".o_content");
                if (page.scrollWidth > page.clientWidth || page.clientWidth > WIDTH) {
                    throw new Error(`${page.scrollWidth} px on a screen of ${page.clientWidth}`);
                }
            },
        },
        {
            content: "The button stands at the top",
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            trigger: "body:not(:has(button[name=action_submit]))",
        },
    ],
});
