import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { NARROW, horizontal, vertical } from "./timeline_layout";

// Font Awesome, which the web client has loaded
const ICONS = {
    email: "\uf0e0",
    sms: "\uf27a",
    letter: "\uf0f6",
    phone: "\uf095",
    none: "\uf1f6",
    suspend: "\uf023",
    handover: "\uf040",
    place: "\uf0b1",
};

/**
 * The policy as a picture: levels on an axis of days, thresholds as flags, the due date as a line.
 * Beside the picture stands the same as a list, for whoever does not see it.
 */
export class CreditTimeline extends Component {
    static template = "account_credit_care.CreditTimeline";
    static props = { ...standardFieldProps };

    setup() {
        this.root = useRef("root");
        this.state = useState({ width: 0 });
        this.observer = new ResizeObserver(([entry]) => {
            this.state.width = Math.floor(entry.contentRect.width);
        });
        onMounted(() => {
            const font = getComputedStyle(this.root.el).fontFamily;
            this.pen = document.createElement("canvas").getContext("2d");
            this.fonts = { true: `600 13px ${font}`, false: `12px ${font}` };
            this.state.width = Math.floor(this.root.el.getBoundingClientRect().width);
            this.observer.observe(this.root.el);
        });
        onWillUnmount(() => this.observer.disconnect());
    }

    get timeline() {
        const value = this.props.record.data[this.props.name] || {};
        return {
            doNothing: value.do_nothing,
            thresholds: (value.thresholds || []).map((mark) => ({
                ...mark,
                icon: ICONS[mark.code],
                title: this.sentence(mark.day, mark.name),
            })),
            levels: (value.levels || []).map((level) => this.describe(level)),
        };
    }

    describe(level) {
        const marks = [level.channel_name];
        if (level.agency) {
            marks.push(_t("agency"));
        }
        if (!level.automatic) {
            marks.push(_t("to review"));
        }
        const day = level.day > 0 ? `+${level.day}` : `${level.day}`.replace("-", "−");
        const details = [...marks, level.pressure_name].join(", ");
        return {
            ...level,
            name: level.name || _t("New level"),
            icon: ICONS[level.channel] || "",
            note: [_t("day %s", day), ...marks].join(" · "),
            marks: marks.join(" · "),
            title: this.sentence(level.day, `${level.name || _t("New level")} (${details})`),
        };
    }

    sentence(day, what) {
        if (day === 0) {
            return _t("On the due date: %s", what);
        }
        return day < 0
            ? _t("%(days)s days before the due date: %(what)s", { days: -day, what })
            : _t("%(days)s days after the due date: %(what)s", { days: day, what });
    }

    get isNarrow() {
        return this.state.width < NARROW;
    }

    get layout() {
        const ruler = (text, bold) => {
            this.pen.font = this.fonts[Boolean(bold)];
            return this.pen.measureText(text).width;
        };
        return (this.isNarrow ? vertical : horizontal)(this.timeline, this.state.width, ruler);
    }

    /** Everything in the order of days, for readers of the list. */
    get sentences() {
        const { levels, thresholds } = this.timeline;
        return [...levels, ...thresholds].sort((a, b) => a.day - b.day).map((mark) => mark.title);
    }

    /** The grades of pressure that occur, mildest first. */
    get pressures() {
        const { levels } = this.timeline;
        const names = new Map(levels.map((level) => [level.pressure, level.pressure_name]));
        return ["gentle", "standard", "firm", "formal"]
            .filter((code) => names.get(code))
            .map((code) => ({ code, name: names.get(code) }));
    }

    get hasReview() {
        return this.timeline.levels.some((level) => !level.automatic);
    }
}

export const creditTimeline = {
    component: CreditTimeline,
    displayName: _t("Time line of a credit policy"),
    supportedTypes: ["json"],
};

registry.category("fields").add("credit_timeline", creditTimeline);
