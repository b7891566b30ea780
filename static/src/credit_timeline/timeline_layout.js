/**
 * Where everything of a time line stands, in pixels. Pure functions of the data and of a ruler:
 * `ruler(text, bold)` gives the width of a text. Left to right where there is room, top to bottom
 * on a phone.
 */

export const NARROW = 560; // below this width the axis runs from top to bottom

const EDGE = 20;
const RADIUS = 14;
const TEXT_LEFT = RADIUS + 7;
const TEXT_MAX = 230; // a name of some thirty letters
const LANE = 42;
const FLAG_LANE = 22;
const TOP = 26;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 90, 180, 365, 730];

/** The text, or as much of it as fits, with an ellipsis. */
export function fit(text, room, ruler, bold = false) {
    if (ruler(text, bold) <= room) {
        return text;
    }
    let end = text.length;
    while (end > 1 && ruler(text.slice(0, end) + "…", bold) > room) {
        end--;
    }
    return text.slice(0, end).trimEnd() + "…";
}

export function dayText(day) {
    return day > 0 ? `+${day}` : day < 0 ? `−${-day}` : "0";
}

/**
 * The lane of each card, 0 next to the axis. Cards hang to the right of their stems and are placed
 * from the last to the first, so that no stem crosses a card.
 */
function lanes(cards) {
    const starts = []; // by lane: where the leftmost card placed so far begins
    for (let i = cards.length - 1; i >= 0; i--) {
        const card = cards[i];
        let lane = 0;
        while (lane < starts.length && card.right > starts[lane]) {
            lane++;
        }
        starts[lane] = card.left;
        card.lane = lane;
    }
    return starts.length;
}

function ticks(first, last, scale, x) {
    const step = STEPS.find((days) => days * scale >= 46) || STEPS.at(-1);
    const result = [];
    for (let day = Math.ceil(first / step) * step; day <= last; day += step) {
        result.push({ day, x: x(day), text: dayText(day) });
    }
    return result;
}

export function horizontal({ levels, thresholds }, width, ruler) {
    const cards = levels.map((level) => {
        const name = fit(level.name, TEXT_MAX, ruler, true);
        const note = fit(level.note, TEXT_MAX, ruler);
        const room = Math.max(ruler(name, true), ruler(note));
        return { ...level, name, note, room: TEXT_LEFT + room + 10 };
    });
    const flags = thresholds.map((mark) => {
        const text = `${mark.name} · ${dayText(mark.day)}`;
        return { ...mark, text, room: 20 + ruler(text) + 14 };
    });
    flags.sort((a, b) => a.day - b.day);

    const first = Math.min(0, ...[...cards, ...flags].map((mark) => mark.day)) - 1;
    const furthest = Math.max(0, ...[...cards, ...flags].map((mark) => mark.day));
    const left = EDGE + RADIUS;
    const scale = Math.min(
        (width - left - EDGE) / Math.max(furthest - first, 30),
        ...[...cards, ...flags].map(
            (mark) => (width - left - EDGE - mark.room) / Math.max(mark.day - first, 1)
        )
    );
    const x = (day) => left + (day - first) * scale;
    const last = first + (width - left - EDGE) / scale;

    for (const card of cards) {
        Object.assign(card, { x: x(card.day), left: x(card.day) - RADIUS - 4 });
        card.right = x(card.day) + card.room;
    }
    for (const flag of flags) {
        Object.assign(flag, { x: x(flag.day), left: x(flag.day) - 2 });
        flag.right = x(flag.day) + flag.room;
    }
    const cardLanes = Math.max(lanes(cards), 1);
    const flagLanes = lanes(flags);
    const axis = TOP + cardLanes * LANE + 14;
    for (const card of cards) {
        card.y = axis - 14 - LANE / 2 - card.lane * LANE;
    }
    const flagTop = axis + 30;
    for (const flag of flags) {
        flag.y = flagTop + flag.lane * FLAG_LANE;
    }
    return {
        axis,
        cards,
        flags,
        width,
        height: flagTop + Math.max(flagLanes, 1) * FLAG_LANE + 4,
        due: x(0),
        start: EDGE,
        end: width - EDGE,
        // a flag bears its own day
        ticks: ticks(first, last, scale, x).filter(
            (tick) => !flags.some((flag) => Math.abs(flag.x - tick.x) < 20)
        ),
        textLeft: TEXT_LEFT,
        radius: RADIUS,
    };
}

export function vertical({ levels, thresholds }, width, ruler) {
    const axis = 66;
    const textLeft = axis + RADIUS + 10;
    const room = width - textLeft - 6;
    const marks = [
        ...levels.map((level) => ({ ...level, kind: "level", rank: 1 })),
        ...thresholds.map((mark) => ({ ...mark, kind: "flag", rank: 2 })),
        { day: 0, kind: "due", rank: 0 },
    ].sort((a, b) => a.day - b.day || a.rank - b.rank);
    let y = 28;
    let previous = null;
    for (const mark of marks) {
        if (previous) {
            const floor = previous.kind === "flag" || mark.kind === "flag" ? 38 : 48;
            y += Math.min(Math.max((mark.day - previous.day) * 4, floor), 84);
        }
        mark.y = y;
        Object.assign(mark, { x: axis, dayText: dayText(mark.day) });
        if (mark.kind === "level") {
            mark.name = fit(mark.name, room, ruler, true);
            mark.note = fit(mark.marks, room, ruler); // the day stands beside the axis
        }
        previous = mark;
    }
    return {
        axis,
        textLeft,
        width,
        height: y + 30,
        radius: RADIUS,
        due: marks.find((mark) => mark.kind === "due").y,
        cards: marks.filter((mark) => mark.kind === "level"),
        flags: marks.filter((mark) => mark.kind === "flag"),
    };
}
