"""The aerial picture of a scene: soil, asphalt, roofs, crowns, shadows, cloud and grain."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .shapes import (
    BUILDING,
    CAR,
    FROM_ABOVE,
    HEIGHT,
    ROAD,
    TREE,
    WIDTH,
    YY,
    Field,
    Labels,
    Scene,
    Shape,
)  # fmt: skip


def noise(rng: np.random.Generator, sigma: float) -> Field:
    """Smooth random field with mean 0 and standard deviation 1."""
    smooth: Field = gaussian_filter(rng.standard_normal(YY.shape), sigma, mode="reflect")
    standard: Field = (smooth - smooth.mean()) / smooth.std()
    return standard


def blend(picture: Field, distance: Field, colour: Any, strength: float = 1.0) -> None:
    """Paint a colour (one value or one per pixel) where the distance is negative, smooth rim."""
    alpha = (np.clip(0.5 - distance, 0, 1) * strength)[..., None]
    picture[:] = picture * (1 - alpha) + np.asarray(colour, dtype=np.float64) * alpha


def moved(array: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    """The array shifted; the border pixels are repeated into the gap."""
    rows = np.clip(np.arange(HEIGHT) - down, 0, HEIGHT - 1)
    columns = np.clip(np.arange(WIDTH) - right, 0, WIDTH - 1)
    return array[np.ix_(rows, columns)]


def cast(picture: Field, shape: Shape) -> None:
    """Shadow to the lower right, as long as the thing is high."""
    steps = [moved(shape.distance, k, round(0.8 * k)) for k in range(shape.height + 1)]
    swept = np.minimum.reduce(steps)
    picture *= 1 - 0.42 * np.clip(0.5 - swept / 1.4, 0, 1)[..., None]


def shade(shape: Shape, grain: dict[str, Field]) -> Field:
    """Brightness factor of each pixel of a shape: ridge, tiles, leaves, windows, wear."""
    u, v = shape.along, shape.across
    if shape.class_id == BUILDING and shape.style != "flat":
        ridge = np.where(v < 0, 1.12, 0.86) - 0.1 * np.exp(-(v**2))
        return ridge + 0.035 * np.sin(u * 2.2) + 0.03 * grain["fine"]
    if shape.class_id == BUILDING:
        rim = np.where(shape.distance > -3, 1.1, 0.97)
        return rim + 0.02 * grain["leaf"]
    if shape.class_id == TREE:
        light = -(u + v) / 40
        return 1 + np.clip(light, -0.3, 0.35) + 0.13 * grain["leaf"]
    if shape.class_id == CAR:
        glass = (np.abs(np.abs(u + 0.4) - 3) < 1) & (np.abs(v) < 2.4) & (shape.style == "car")
        cabin = (u > 6) & (u < 7.2) & (shape.style == "lorry")
        return np.where(glass | cabin, 0.35, 1.0)
    if shape.class_id == ROAD:
        return 1 + 0.045 * grain["worn"] + 0.03 * grain["fine"]
    return np.ones(YY.shape)


def ground(scene: Scene) -> Field:
    """Grass or dry soil with patches."""
    rng = scene.rng
    base = (124, 142, 86) if scene.soil == "grass" else (164, 152, 116)
    picture = np.ones((*YY.shape, 3)) * np.array(base, dtype=np.float64)
    for distance, colour in scene.patches:
        blend(picture, distance, colour, 0.85)
    tone = 0.05 * noise(rng, 24) + 0.04 * noise(rng, 6) + 0.03 * noise(rng, 1.2)
    picture *= (1 + tone)[..., None]
    picture += noise(rng, 16)[..., None] * np.array([5.0, 1.0, -2.0])
    return picture


def paint_roads(picture: Field, scene: Scene, grain: dict[str, Field]) -> None:
    """Pavements first, then asphalt, then lines, so that crossings join."""
    roads = [shape for shape in scene.shapes if shape.class_id == ROAD]
    for shape in roads:
        blend(picture, shape.distance - 3.5, (186, 180, 168), 0.9 if shape.style != "lot" else 0.5)
    for shape in roads:
        blend(picture, shape.distance, np.array(shape.colour) * shade(shape, grain)[..., None])
    for shape in roads:
        dashes = np.maximum(shape.across - 0.7, np.abs(shape.along % 18 - 9) - 4.5)
        bays = np.maximum(np.abs(shape.along % 18 - 9) - 0.5, 14 - shape.across)
        others = [other.distance for other in roads if other is not shape]
        free = np.minimum.reduce(others) if others else np.full(YY.shape, np.inf)
        marks = bays if shape.style else dashes
        lines = np.maximum.reduce([marks, 1 - free, shape.distance + 2])
        blend(picture, lines, (226, 224, 214), 0.8 if shape.name != "drive" else 0.0)


def render(scene: Scene) -> Labels:
    """RGB picture of a scene, shape (y, x, 3)."""
    picture = ground(scene)
    sizes = {"fine": 0.8, "leaf": 1.5, "worn": 6.0}
    grain = {name: noise(scene.rng, sigma) for name, sigma in sizes.items()}
    paint_roads(picture, scene, grain)
    for class_id in FROM_ABOVE[1:]:
        layer = [shape for shape in scene.shapes if shape.class_id == class_id]
        for shape in layer:
            cast(picture, shape)
        for shape in layer:
            tint = np.array(shape.colour) * shade(shape, grain)[..., None]
            blend(picture, shape.distance, tint)
    if scene.cloud is not None:
        soft = np.clip(0.5 - (scene.cloud + 2 * noise(scene.rng, 5)) / 9, 0, 1)
        fog = 238 + 6 * noise(scene.rng, 9)
        picture += (fog[..., None] - picture) * (0.94 * soft)[..., None]
    picture = gaussian_filter(picture, (0.55, 0.55, 0))
    picture += 2.6 * scene.rng.standard_normal(YY.shape)[..., None]
    # Steps of 4 are invisible below the noise and halve the size of the files.
    quantised: Labels = (np.clip(np.rint(picture / 4), 0, 63) * 4).astype(np.uint8)
    return quantised
