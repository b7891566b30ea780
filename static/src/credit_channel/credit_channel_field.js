import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ICONS = {
    email: "fa-envelope-o",
    sms: "fa-commenting-o",
    letter: "fa-file-text-o",
    phone: "fa-phone",
    activity: "fa-check-square-o",
    page: "fa-mobile",
    none: "fa-bell-o",
};

/** The channel of an action as an icon that says its name to whoever cannot see it. */
export class CreditChannelField extends Component {
    static template = "account_credit_care.CreditChannelField";
    static props = { ...standardFieldProps, showLabel: { type: Boolean, optional: true } };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const options = this.props.record.fields[this.props.name].selection;
        return options.find(([key]) => key === this.value)?.[1] || "";
    }

    get icon() {
        return ICONS[this.value] || "fa-circle-o";
    }
}

registry.category("fields").add("credit_channel", {
    component: CreditChannelField,
    supportedTypes: ["selection"],
    extractProps: ({ options }) => ({ showLabel: Boolean(options.show_label) }),
});
