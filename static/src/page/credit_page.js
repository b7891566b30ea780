import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Comforts only: the page does everything without this file but a drawn signature. */
export class CreditPage extends Interaction {
    static selector = ".o_credit_page";
    dynamicContent = {
        ".o_credit_draw": { "t-att-class": () => ({ "d-none": false }) },
        ".o_credit_form": { "t-on-submit": this.onSubmit },
    };

    /** A second tap on a slow line sends nothing twice; the button's own value still goes along. */
    onSubmit(ev) {
        const form = ev.currentTarget;
        if (form.dataset.sent) {
            ev.preventDefault();
        }
        form.dataset.sent = "1";
        this.waitForTimeout(() => delete form.dataset.sent, 4000);
    }
}

registry.category("public.interactions").add("account_credit_care.credit_page", CreditPage);
