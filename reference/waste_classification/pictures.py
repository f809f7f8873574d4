"""Draws the pictures of this lab: waste of six kinds, and the plain things that its base was pretrained on.

Both are drawn by the same rules. A thing has an outline and a finish; it is turned, moved and scaled at random and laid
on a cluttered table, under light that comes from somewhere, and the camera adds noise. Everything is arithmetic on a
grid of points, with four points for each pixel, so the same seed gives the same picture wherever NumPy runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Generator = np.random.Generator
Outline = Callable[[Array, Array, Generator], Array]
Finish = Callable[[Array, Array, Array, Generator], tuple[Array, Array]]

SIZE = 32  # pixels; drawn at twice that
STEP = 16  # colours are rounded to this, which makes the files a third as large
CLASSES = ("cardboard", "glass", "metal", "organic", "paper", "plastic")
PALETTE = {
    "red": (0.80, 0.15, 0.15),
    "orange": (0.90, 0.50, 0.12),
    "yellow": (0.92, 0.82, 0.20),
    "green": (0.20, 0.60, 0.22),
    "blue": (0.15, 0.35, 0.80),
    "purple": (0.55, 0.22, 0.65),
    "brown": (0.55, 0.38, 0.22),
    "white": (0.94, 0.94, 0.92),
    "grey": (0.55, 0.56, 0.58),
    "black": (0.12, 0.12, 0.13),
}


@dataclass(frozen=True)
class Thing:
    """Something to be laid on the table: colours (height, width, 3), and how much they hide of it (height, width)."""

    colour: Array
    opacity: Array


# Outlines: which points belong to a thing that fills the square from -1 to 1, v pointing down


def radial(u: Array, v: Array, radius: Callable[[Array], Array]) -> Array:
    """Everything nearer to the middle than a radius that depends on the angle."""
    return np.hypot(u, v) < radius(np.arctan2(v, u))


def profile(u: Array, v: Array, heights: list[float], widths: list[float]) -> Array:
    """Everything nearer to the axis than half a width that is given at some heights, straight in between."""
    return np.abs(u) < np.interp(v, heights, widths, left=0.0, right=0.0)


def polygon(sides: int) -> Outline:
    """A regular polygon."""

    def inside(u: Array, v: Array, _: Generator) -> Array:
        part = np.pi / sides
        return radial(u, v, lambda angle: 0.9 * np.cos(part) / np.cos((angle + np.pi / 2) % (2 * part) - part))

    return inside


def waves(count: int, depth: float) -> Outline:
    """A disc whose edge goes in and out."""
    return lambda u, v, _: radial(u, v, lambda angle: 0.8 + depth * np.cos(count * angle))


def of_profile(heights: list[float], widths: list[float]) -> Outline:
    """A thing that is the same left and right of its axis."""
    return lambda u, v, _: profile(u, v, heights, widths)


SHAPES: dict[str, Outline] = {
    "disc": waves(1, 0.0),
    "star": waves(5, 0.25),
    "flower": waves(8, 0.15),
    "triangle": polygon(3),
    "square": polygon(4),
    "hexagon": polygon(6),
    "ring": lambda u, v, _: (np.hypot(u, v) < 0.9) & (np.hypot(u, v) > 0.5),
    "half": lambda u, v, _: (np.hypot(u, v + 0.3) < 0.9) & (v > -0.3),
    "lens": lambda u, v, _: (np.hypot(u - 0.5, v) < 1.0) & (np.hypot(u + 0.5, v) < 1.0),
    "hourglass": of_profile([-0.9, 0.0, 0.9], [0.7, 0.1, 0.7]),
    "pear": of_profile([-0.9, -0.5, 0.2, 0.7, 0.95], [0.15, 0.25, 0.65, 0.65, 0.2]),
    "bar": of_profile([-0.95, 0.95], [0.28, 0.28]),
    "cross": lambda u, v, _: (np.minimum(np.abs(u), np.abs(v)) < 0.28) & (np.maximum(np.abs(u), np.abs(v)) < 0.9),
    "arrow": of_profile([-0.95, -0.2, -0.19, 0.9], [0.0, 0.7, 0.25, 0.25]),
    "steps": of_profile([-0.9, -0.3, -0.29, 0.3, 0.31, 0.9], [0.25, 0.25, 0.5, 0.5, 0.8, 0.8]),
    "two bars": lambda u, v, _: (np.abs(np.abs(u) - 0.5) < 0.25) & (np.abs(v) < 0.85),
}


# Finishes: the colour of each point, and how much it hides of what lies below


def plain(u: Array, v: Array, colour: Array, _: Generator) -> tuple[Array, Array]:
    """One colour all over."""
    return np.broadcast_to(colour, (*u.shape, 3)), np.ones_like(u)


def two_tones(pattern: Callable[[Array, Array, float], Array]) -> Finish:
    """Lighter and darker by a pattern of some fineness."""

    def finish(u: Array, v: Array, colour: Array, generator: Generator) -> tuple[Array, Array]:
        darker = pattern(u, v, generator.uniform(6.0, 10.0))
        return np.clip(colour * np.where(darker, 0.55, 1.1)[..., None], 0, 1), np.ones_like(u)

    return finish


def shaded(u: Array, v: Array, colour: Array, generator: Generator) -> tuple[Array, Array]:
    """Round and shiny: dark towards the sides, with a bright line where the light is."""
    light = generator.uniform(-0.35, 0.35)
    body = 0.45 + 0.6 * np.sqrt(np.clip(1 - u**2, 0, 1))
    shine = 0.6 * np.exp(-(((u - light) / 0.1) ** 2))
    return np.clip(colour * body[..., None] + shine[..., None], 0, 1), np.ones_like(u)


def glassy(u: Array, v: Array, colour: Array, generator: Generator) -> tuple[Array, Array]:
    """One can see through it, but for a bright streak or two."""
    light = generator.uniform(-0.3, 0.3)
    streak = np.exp(-(((u - light) / 0.07) ** 2)) + 0.5 * np.exp(-(((u + light) / 0.05) ** 2))
    return np.clip(colour + streak[..., None], 0, 1), np.clip(generator.uniform(0.35, 0.55) + streak, 0, 1)


def crumpled(u: Array, v: Array, colour: Array, generator: Generator) -> tuple[Array, Array]:
    """Facets, each with a brightness of its own."""
    corners = generator.uniform(-1, 1, size=(14, 2))
    nearest = ((u[..., None] - corners[:, 0]) ** 2 + (v[..., None] - corners[:, 1]) ** 2).argmin(axis=-1)
    return np.clip(colour * generator.uniform(0.6, 1.15, size=14)[nearest][..., None], 0, 1), np.ones_like(u)


FINISHES: dict[str, Finish] = {
    "plain": plain,
    "striped": two_tones(lambda u, v, fineness: np.sin(fineness * v) > 0),
    "checked": two_tones(lambda u, v, fineness: np.sin(fineness * u) * np.sin(fineness * v) > 0),
    "dotted": two_tones(lambda u, v, fineness: np.cos(fineness * u) + np.cos(fineness * v) > 0.8),
    "shaded": shaded,
    "glassy": glassy,
    "crumpled": crumpled,
}


def thing_of(mask: Array, finished: tuple[Array, Array]) -> Thing:
    """A finish, cut out."""
    colour, opacity = finished
    return Thing(colour, opacity * mask)


def over(below: Thing, above: Thing) -> Thing:
    """One thing with another one, such as a label or a lid, on it."""
    colour = below.colour * (1 - above.opacity[..., None]) + above.colour * above.opacity[..., None]
    return Thing(colour, np.maximum(below.opacity, above.opacity))


def shade_of(name: str, generator: Generator, spread: float = 0.09) -> Array:
    """A colour of the palette, never twice the same."""
    brightness = generator.uniform(0.8, 1.12)
    return np.clip(np.array(PALETTE[name]) * brightness + generator.normal(scale=spread, size=3) * 0.6, 0.02, 1.0)


def any_colour(generator: Generator) -> Array:
    """Any colour at all."""
    return shade_of(str(generator.choice(list(PALETTE))), generator)


# Waste


def cardboard(u: Array, v: Array, generator: Generator) -> Thing:
    """A box with flaps or tape, or a flat piece with its flutes showing."""
    colour = shade_of("brown", generator) * generator.uniform(1.0, 1.35)
    if generator.random() < 0.6:
        front = thing_of((np.abs(u) < 0.75) & (v > -0.3) & (v < 0.8), plain(u, v, colour, generator))
        lean = generator.uniform(-0.35, 0.35)
        lid = (np.abs(u - lean * (-0.3 - v)) < 0.75) & (v > -0.85) & (v <= -0.3)
        box = over(front, thing_of(lid, plain(u, v, np.clip(colour * 1.25, 0, 1), generator)))
        tape = (np.abs(u - 0.05) < 0.1) & (v > -0.85) & (v < 0.2) & (generator.random() < 0.7)
        return over(
            box, thing_of(tape & (box.opacity > 0), plain(u, v, shade_of("yellow", generator) * 0.9, generator))
        )
    width, height = generator.uniform(0.55, 0.9), generator.uniform(0.5, 0.9)
    piece = (np.abs(u) < width) & (np.abs(v) < height) & ~((u > 0.3) & (v > generator.uniform(0.1, 0.6)))
    flutes = FINISHES["striped"](u, v, np.clip(colour, 0, 1), generator)
    return thing_of(piece, flutes if generator.random() < 0.6 else plain(u, v, colour, generator))


def glass(u: Array, v: Array, generator: Generator) -> Thing:
    """A bottle or a jar that one can see through, in the colours of glass."""
    colour = shade_of(str(generator.choice(["green", "brown", "white", "white"])), generator)
    if generator.random() < 0.65:
        neck, shoulder = generator.uniform(0.1, 0.17), generator.uniform(-0.35, 0.0)
        body = generator.uniform(0.3, 0.42)
        mask = profile(u, v, [-0.95, shoulder - 0.2, shoulder + 0.1, 0.95], [neck, neck, body, body])
    else:
        body = generator.uniform(0.42, 0.6)
        mask = profile(u, v, [-0.7, -0.5, -0.45, 0.8], [body * 0.85, body * 0.85, body, body])
    thing = thing_of(mask, glassy(u / 0.8, v, colour, generator))
    if generator.random() < 0.4:  # a label
        label = mask & (v > 0.15) & (v < 0.55)
        return over(thing, thing_of(label, plain(u, v, any_colour(generator), generator)))
    return thing


def metal(u: Array, v: Array, generator: Generator) -> Thing:
    """A can, upright or crushed, printed or bare; its top is an ellipse."""
    wide, tall = generator.uniform(0.38, 0.6), generator.uniform(0.55, 0.9)
    dents = generator.uniform(0.65, 1.0, size=7) if generator.random() < 0.35 else np.ones(7)
    mask = profile(u, v, list(np.linspace(-tall, tall, 7)), list(wide * dents))
    thing = thing_of(mask, shaded(u / wide, v, shade_of("grey", generator, 0.03) * 1.2, generator))
    if generator.random() < 0.6:
        band = mask & (np.abs(v) < tall * generator.uniform(0.5, 0.8))
        thing = over(thing, thing_of(band, shaded(u / wide, v, any_colour(generator), generator)))
    top = (u / wide) ** 2 + ((v + tall) / 0.16) ** 2 < 1
    return over(thing, thing_of(top, plain(u, v, shade_of("grey", generator, 0.03) * 1.3, generator)))


def organic(u: Array, v: Array, generator: Generator) -> Thing:
    """An apple, a banana or a leaf."""
    look = generator.random()
    colour = shade_of(str(generator.choice(["red", "green", "yellow", "brown", "orange"])), generator)
    if look < 0.4:
        bumps = generator.uniform(0.02, 0.1)
        mask = radial(
            u, v, lambda angle: 0.72 - 0.2 * np.exp(-(((angle + np.pi / 2) / 0.4) ** 2)) + bumps * np.cos(3 * angle)
        )
        stem = (np.abs(u - 0.1 * v) < 0.06) & (v > -0.95) & (v < -0.45)
        apple = thing_of(mask, shaded(u / 0.9, v, colour, generator))
        return over(apple, thing_of(stem, plain(u, v, shade_of("brown", generator) * 0.6, generator)))
    if look < 0.7:
        mask = (np.hypot(u, v + 0.2) < 0.9) & (np.hypot(u, v + generator.uniform(0.55, 0.75)) > 0.85)
        banana = thing_of(
            mask, plain(u, v, shade_of(str(generator.choice(["yellow", "yellow", "green"])), generator), generator)
        )
        spots = mask & (np.sin(9 * u + 2) * np.sin(11 * v) > generator.uniform(0.5, 1.0))
        return over(banana, thing_of(spots, plain(u, v, shade_of("brown", generator) * 0.7, generator)))
    mask = (np.hypot(u - 0.55, v) < 1.0) & (np.hypot(u + 0.55, v) < 1.0)
    colour = shade_of(str(generator.choice(["green", "green", "brown", "orange"])), generator)
    leaf = thing_of(mask, plain(u, v, colour, generator))
    veins = mask & ((np.abs(u) < 0.05) | (np.sin(14 * (v + np.abs(u))) > 0.85))
    return over(leaf, thing_of(veins, plain(u, v, colour * 0.6, generator)))


def paper(u: Array, v: Array, generator: Generator) -> Thing:
    """A printed sheet, or a crumpled one."""
    colour = shade_of(str(generator.choice(["white", "white", "white", "yellow", "grey"])), generator, 0.04)
    if generator.random() < 0.55:
        lean = generator.uniform(-0.2, 0.2)
        sheet = (np.abs(u - lean * v) < generator.uniform(0.55, 0.75)) & (np.abs(v) < 0.9)
        lines = sheet & (np.sin(generator.uniform(11, 15) * v) > 0.3) & (np.abs(u - lean * v) < 0.5)
        ink = lines & (np.sin(7 * u + 5 * np.floor(4 * v)) > -0.6)
        page = thing_of(sheet, plain(u, v, colour, generator))
        return over(page, thing_of(ink * 0.8, plain(u, v, shade_of("black", generator) * 1.5, generator)))
    phases = generator.uniform(0, 2 * np.pi, size=3)
    ball = radial(
        u, v, lambda angle: 0.72 + sum(0.06 * np.cos(k * angle + p) for k, p in zip((3, 5, 7), phases, strict=True))
    )
    return thing_of(ball, crumpled(u, v, colour, generator))


def plastic(u: Array, v: Array, generator: Generator) -> Thing:
    """A bag with two handles, or a ribbed bottle with a coloured cap; one can see through most of them."""
    if generator.random() < 0.5:
        colour = shade_of(str(generator.choice(["white", "blue", "green", "red", "white"])), generator)
        body = profile(u, v, [-0.35, -0.2, 0.4, 0.9], [0.5, 0.6, 0.75, 0.6])
        handles = (np.abs(np.abs(u) - 0.38) < 0.14) & (v > -0.95) & (v <= -0.3)
        folds, _ = crumpled(u, v, colour, generator)
        return thing_of((body | handles) * generator.uniform(0.6, 0.95), (folds, np.ones_like(u)))
    colour = shade_of(str(generator.choice(["white", "blue", "green", "white"])), generator)
    body = generator.uniform(0.3, 0.42)
    ribs = 0.06 * np.sin(generator.uniform(14, 18) * v)
    mask = np.abs(u) < np.interp(v, [-0.75, -0.55, -0.25, 0.95], [0.15, 0.17, body, body], left=0, right=0) + ribs * (
        v > -0.2
    )
    mask &= (v > -0.75) & (v < 0.95)
    through, opacity = glassy(u / 0.8, v, colour, generator)
    bottle = thing_of(mask, (through * (0.85 + 2.5 * ribs)[..., None].clip(0.6, 1.1), opacity))
    cap = (np.abs(u) < 0.2) & (v > -0.95) & (v < -0.7)
    return over(bottle, thing_of(cap, plain(u, v, any_colour(generator), generator)))


WASTE: dict[str, Callable[[Array, Array, Generator], Thing]] = {
    "cardboard": cardboard,
    "glass": glass,
    "metal": metal,
    "organic": organic,
    "paper": paper,
    "plastic": plastic,
}


# Pictures


def place(generator: Generator) -> tuple[Array, Array]:
    """The points of the grid in the coordinates of a thing that was turned, moved and scaled at random."""
    line = (np.arange(2 * SIZE) + 0.5) / SIZE - 1
    x, y = np.meshgrid(line, line)
    angle, scale = generator.uniform(-np.pi, np.pi), generator.uniform(0.55, 0.85)
    stretch, (right, down) = generator.uniform(0.85, 1.15), generator.uniform(-0.22, 0.22, size=2)
    x, y = (x - right) / scale, (y - down) / scale
    return (x * np.cos(angle) + y * np.sin(angle)) * stretch, (y * np.cos(angle) - x * np.sin(angle)) / stretch


def table(generator: Generator) -> Array:
    """What things lie on: one colour or boards, with some scraps on it; shape (2 * SIZE, 2 * SIZE, 3)."""
    u, v = place(generator)
    grey = generator.uniform(0.15, 0.85)
    colour = np.clip(0.6 * grey + 0.4 * any_colour(generator), 0, 1)
    boards = 1 + 0.12 * np.sign(np.sin(generator.uniform(2, 9) * v)) * (generator.random() < 0.5)
    picture = colour * boards[..., None]
    for _ in range(generator.integers(0, 5)):
        u, v = place(generator)
        right, down, long, wide = *generator.uniform(-1.2, 1.2, size=2), *generator.uniform(0.05, 0.5, size=2)
        scrap = (np.abs(u - right) < long) & (np.abs(v - down) < wide * 0.5)
        picture = np.where(scrap[..., None], 0.5 * colour + 0.5 * any_colour(generator), picture)
    return picture


def photograph(thing: Thing, generator: Generator) -> Array:
    """Lay a thing on a table and take its picture: uint8, shape (SIZE, SIZE, 3)."""
    picture = table(generator)
    shadow = np.roll(thing.opacity, generator.integers(-4, 5, size=2), axis=(0, 1))[..., None]
    picture = picture * (1 - 0.35 * shadow)
    picture = picture * (1 - thing.opacity[..., None]) + thing.colour * thing.opacity[..., None]
    line = np.linspace(-1, 1, 2 * SIZE)
    right, down = generator.uniform(-0.2, 0.2, size=2)
    picture = picture * (generator.uniform(0.75, 1.1) + right * line + down * line[:, None])[..., None]
    picture = picture.reshape(SIZE, 2, SIZE, 2, 3).mean(axis=(1, 3)) + generator.normal(
        scale=0.03, size=(SIZE, SIZE, 3)
    )
    levels = np.round(np.clip(picture, 0, 1) * (255 // STEP))
    return (levels * STEP + levels // 2).clip(0, 255).astype("uint8")


def draw_waste(num_each: int, seed: int) -> tuple[Array, Array]:
    """Draw pictures of waste, class after class in the order of CLASSES.

    Returns:
        uint8 pictures, shape (6 * num_each, SIZE, SIZE, 3), and their classes.
    """
    generator = np.random.default_rng(seed)
    pictures = [
        photograph(WASTE[name](*place(generator), generator), generator) for name in CLASSES for _ in range(num_each)
    ]
    return np.array(pictures), np.repeat(np.arange(len(CLASSES)), num_each)


def draw_things(how_many: int, seed: int) -> tuple[Array, Array]:
    """Draw plain things, none of them waste.

    Returns:
        uint8 pictures, shape (how_many, SIZE, SIZE, 3), and for each its shape, its finish and its colour, places in
        SHAPES, FINISHES and PALETTE, shape (how_many, 3).
    """
    generator = np.random.default_rng(seed)
    kinds = np.stack([generator.integers(len(of), size=how_many) for of in (SHAPES, FINISHES, PALETTE)], axis=1)
    pictures = [photograph(thing(*kind, generator), generator) for kind in kinds]
    return np.array(pictures), kinds


def thing(shape: int, finish: int, colour: int, generator: Generator) -> Thing:
    """One plain thing, by its places in SHAPES, FINISHES and PALETTE."""
    u, v = place(generator)
    shade = shade_of(list(PALETTE)[colour], generator)
    return thing_of(
        list(SHAPES.values())[shape](u, v, generator), list(FINISHES.values())[finish](u, v, shade, generator)
    )
