import { registry } from "@web/core/registry";

const inTenDays = () => {
    const day = new Date(Date.now() + 10 * 24 * 3600 * 1000);
    return day.toISOString().slice(0, 10);
};

registry.category("web_tour.tours").add("credit_care_page_plan", {
    steps: () => [
        {
            content: "The page fits the phone and says what is open",
            trigger: ".o_credit_items:contains(1,000.00)",
            run: () => {
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    console.error("The page is wider than the phone");
                }
            },
        },
        {
            content: "It cannot all be paid now",
            trigger: ".o_credit_tell a:contains(I cannot pay it all now)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "In four instalments",
            trigger: ".o_credit_form input[name=count]",
            run: "edit 4",
        },
        {
            content: "The first in ten days",
            trigger: ".o_credit_form input[name=first_on]",
            run() {
                this.anchor.value = inTenDays();
            },
        },
        {
            trigger: ".o_credit_form button:contains(Show me the dates)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The dates and amounts, before anything is sent",
            trigger: ".o_credit_schedule tbody tr:nth-child(4):contains(250.00)",
        },
        {
            trigger: ".o_credit_form button:contains(Send this proposal)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It may be signed at once, by typing the name",
            trigger: ".o_credit_sign input[name=name]",
            run: "edit Franco Ferri",
        },
        {
            content: "… or by drawing, where scripts run",
            trigger: ".o_credit_draw button:contains(Draw a signature instead)",
        },
        {
            trigger: ".o_credit_sign button:contains(Accept and sign)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is agreed",
            trigger: "h1:contains(It is agreed)",
        },
        {
            trigger: "a:contains(To your page)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The plan runs",
            trigger: ".o_credit_agreement:contains(signed by Franco Ferri)",
        },
    ],
});
