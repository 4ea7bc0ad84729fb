"""The twelve scenes: what stands where. Coordinates are (y, x) in pixels, angles in degrees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .shapes import (
    XX,
    YY,
    Scene,
    bend,
    car,
    house,
    lamps,
    parked_under_trees,
    patch,
    place_on,
    plant,
    road,
    traffic,
    tree,
)  # fmt: skip


def alder_street() -> Scene:
    """A quiet street: the model does well here."""
    s = Scene("alder_street")
    road(s, "street", [(128, -10), (118, 330)])
    for i, (x, roof) in enumerate([(46, "red"), (116, "slate"), (190, "red"), (266, "brown")]):
        patch(s, (70, x), (56, 52), -2, "lawn")
        house(s, f"north{i}", (66 - i, x), (40, 28), -2, roof)
    house(s, "south0", (184, 60), (62, 34), -2, "flat", wing=(20, 20, 22, 34))
    house(s, "south1", (182, 160), (44, 30), -2, "brown")
    house(s, "south2", (178, 254), (52, 30), -2, "red")
    traffic(s, "street", [(0.16, -5), (0.5, 6), (0.86, -6)])
    parked_under_trees(s, "street", [(0.36, 1), (0.68, 1)])
    lamps(s, "street", [(0.1, 1), (0.3, -1), (0.58, -1), (0.92, 1)])
    plant(s, 11)
    return s


def birch_yard() -> Scene:
    """Houses around a bend."""
    s = Scene("birch_yard")
    road(s, "street", bend((-10, 92), (150, 100), (150, 330)))
    house(s, "long", (56, 184), (86, 36), 8, "red")
    house(s, "corner", (58, 276), (44, 34), 8, "slate")
    house(s, "west", (62, 40), (34, 50), 0, "brown")
    house(s, "south", (200, 110), (58, 34), 20, "red", wing=(-18, 18, 22, 26))
    house(s, "east", (206, 228), (60, 30), 2, "flat")
    patch(s, (150, 34), (56, 70), 0, "yard")
    traffic(s, "street", [(0.3, 6), (0.62, -6), (0.85, 6)])
    lamps(s, "street", [(0.22, 1), (0.55, -1), (0.78, 1)])
    plant(s, 11)
    return s


def cedar_row() -> Scene:
    """Three large blocks and an avenue."""
    s = Scene("cedar_row")
    road(s, "avenue", [(-10, 200), (250, 168)], 32)
    house(s, "block", (66, 84), (104, 52), 7, "flat")
    house(s, "mill", (176, 78), (84, 44), 7, "dark")
    house(s, "villa", (70, 268), (48, 38), 7, "red")
    house(s, "barn", (178, 262), (64, 40), 7, "brown")
    patch(s, (122, 276), (70, 34), 7, "bed")
    traffic(s, "avenue", [(0.2, -8), (0.45, 8), (0.75, -8)])
    lamps(s, "avenue", [(0.15, -1), (0.5, -1), (0.85, -1)])
    plant(s, 12, (6, 11))
    return s


def dock_road() -> Scene:
    """A lit through road with many small things."""
    s = Scene("dock_road", "dry")
    road(s, "road", [(112, -10), (128, 330)], 36)
    house(s, "shed", (46, 78), (96, 46), 3, "slate")
    house(s, "office", (52, 216), (62, 40), 3, "flat")
    house(s, "store", (196, 92), (74, 40), 3, "dark")
    house(s, "depot", (200, 236), (88, 40), 3, "slate")
    patch(s, (50, 276), (34, 44), 3, "yard")
    traffic(s, "road", [(0.1, -9), (0.3, 9), (0.42, -9), (0.62, 9), (0.93, 9)])
    for name, x in (("yard1", 270), ("yard2", 283)):
        car(s, name, (52, x), 93)
    lamps(s, "road", [(0.06, 1), (0.2, -1), (0.36, 1), (0.52, -1), (0.68, 1), (0.84, -1)])
    plant(s, 7, (7, 11))
    return s


def elm_court() -> Scene:
    """A court of houses with a large hall."""
    s = Scene("elm_court")
    road(s, "street", bend((250, 60), (120, 70), (96, 330)))
    house(s, "hall", (48, 96), (96, 48), -10, "slate")
    house(s, "gate", (46, 240), (58, 34), -8, "red")
    house(s, "lodge", (192, 140), (46, 32), 12, "brown")
    house(s, "terrace", (172, 262), (84, 34), -6, "red")
    patch(s, (128, 36), (44, 60), 0, "yard")
    traffic(s, "street", [(0.3, 6), (0.7, -6)])
    lamps(s, "street", [(0.42, -1), (0.62, 1), (0.86, -1)])
    tree(s, "oak", (212, 196), 17)
    plant(s, 9)
    return s


def fern_crossing() -> Scene:
    """A crossing with a car park and a lorry."""
    s = Scene("fern_crossing")
    road(s, "across", [(140, -10), (134, 330)])
    road(s, "down", [(-10, 196), (250, 206)])
    road(s, "lot", [(196, 236), (194, 304)], 56, "lot")
    road(s, "drive", [(195, 206), (195, 240)], 14, "lot")
    house(s, "inn", (72, 96), (80, 44), -2, "red", wing=(-26, 26, 28, 24))
    house(s, "shop", (66, 264), (66, 44), 2, "flat")
    house(s, "home", (196, 60), (60, 36), -2, "brown")
    traffic(s, "across", [(0.2, 6), (0.84, -6)])
    traffic(s, "down", [(0.18, 6)])
    for x in (246, 264, 300):
        car(s, f"parked{x}", (182, x), 90)
    centre, heading = place_on(s.roads["across"][0], 0.42, -6)
    car(s, "lorry", centre, heading, (23, 8.6))
    parked_under_trees(s, "across", [(0.1, 1), (0.34, 1)])
    lamps(s, "across", [(0.26, 1), (0.74, -1), (0.93, 1)])
    plant(s, 7)
    return s


def garden_lane() -> Scene:
    """Gardens, bare beds and one big roof."""
    s = Scene("garden_lane")
    road(s, "lane", bend((-10, 260), (110, 250), (250, 312)), 24)
    house(s, "manor", (70, 100), (104, 60), -4, "red")
    house(s, "cottage", (186, 58), (52, 34), 6, "slate")
    house(s, "farm", (56, 210), (40, 54), 0, "brown")
    patch(s, (182, 164), (72, 54), 4, "bed")
    patch(s, (124, 40), (50, 22), 0, "lawn")
    traffic(s, "lane", [(0.22, 5), (0.85, -5)])
    parked_under_trees(s, "lane", [(0.42, 1), (0.66, 1)])
    lamps(s, "lane", [(0.12, -1), (0.5, -1), (0.76, -1)])
    plant(s, 10)
    return s


def hill_terrace() -> Scene:
    """A long terrace above two pairs of neighbours."""
    s = Scene("hill_terrace")
    road(s, "street", [(126, -10), (134, 330)])
    house(s, "terrace", (66, 140), (172, 38), 1, "red")
    house(s, "end", (68, 276), (42, 44), 1, "flat")
    house(s, "left", (194, 74), (46, 44), 1, "slate")
    house(s, "right", (195, 128), (50, 44), 1, "brown")
    house(s, "far", (196, 252), (60, 38), 1, "red")
    traffic(s, "street", [(0.12, -6), (0.4, 6), (0.8, -6)])
    lamps(s, "street", [(0.24, 1), (0.55, -1), (0.7, 1)])
    plant(s, 11)
    return s


def iris_bend() -> Scene:
    """A winding road: one picture and its mask do not lie on each other."""
    s = Scene("iris_bend", "dry")
    up = bend((250, 40), (150, 60), (120, 160))
    road(s, "road", up + bend((120, 160), (92, 250), (-10, 286))[1:], 28)
    house(s, "west", (86, 62), (64, 42), -18, "brown", wing=(20, 22, 24, 26))
    house(s, "north", (44, 176), (68, 36), -12, "red")
    house(s, "south", (190, 162), (66, 40), -16, "slate")
    house(s, "east", (150, 268), (54, 42), -24, "red")
    traffic(s, "road", [(0.24, 6), (0.5, -6), (0.78, 6)])
    lamps(s, "road", [(0.3, -1), (0.6, 1), (0.85, -1)])
    plant(s, 10)
    return s


def juniper_park() -> Scene:
    """A park: half trees, half houses."""
    s = Scene("juniper_park")
    road(s, "path", [(196, -10), (180, 330)])
    house(s, "museum", (72, 74), (84, 50), -3, "flat", wing=(0, 30, 30, 26))
    house(s, "kiosk", (58, 286), (34, 30), 0, "red")
    house(s, "gate", (226, 250), (50, 22), -3, "slate")
    patch(s, (90, 196), (90, 84), -3, "lawn")
    traffic(s, "path", [(0.1, 6), (0.52, -6)])
    parked_under_trees(s, "path", [(0.3, -1), (0.7, -1)])
    lamps(s, "path", [(0.2, 1), (0.42, 1), (0.88, -1)])
    plant(s, 16, (8, 15), margin=4)
    return s


def kiln_street() -> Scene:
    """A street with a new house that the reference does not know."""
    s = Scene("kiln_street")
    road(s, "street", [(-10, 120), (250, 136)], 28)
    house(s, "kiln", (62, 54), (62, 46), 4, "dark")
    house(s, "new", (70, 232), (78, 46), 4, "red")
    house(s, "yard", (186, 62), (54, 50), 4, "flat")
    house(s, "long", (184, 236), (92, 34), 4, "brown")
    patch(s, (126, 240), (100, 22), 4, "yard")
    tree(s, "lime", (126, 58), 17)
    traffic(s, "street", [(0.15, 6), (0.5, -6), (0.82, 6)])
    parked_under_trees(s, "street", [(0.34, -1), (0.66, -1)])
    lamps(s, "street", [(0.24, 1), (0.58, -1), (0.9, -1)])
    plant(s, 9)
    return s


def larch_hill() -> Scene:
    """A cloud hides a corner."""
    s = Scene("larch_hill")
    road(s, "road", bend((60, -10), (130, 150), (250, 226)))
    house(s, "chapel", (46, 128), (58, 34), 18, "slate")
    house(s, "school", (166, 60), (70, 44), 34, "flat")
    house(s, "row", (170, 262), (74, 36), 40, "red")
    house(s, "hut", (60, 234), (44, 32), 10, "brown")
    traffic(s, "road", [(0.35, 6), (0.7, -6)])
    lamps(s, "road", [(0.25, 1), (0.5, -1), (0.82, 1)])
    plant(s, 10)
    blobs = [(26, 292, 44), (50, 318, 40), (14, 246, 30), (62, 276, 26)]
    s.cloud = np.minimum.reduce([np.hypot(YY - y, XX - x) - r for y, x, r in blobs])
    return s


SCENES: tuple[Callable[[], Scene], ...] = (
    alder_street, birch_yard, cedar_row, dock_road, elm_court, fern_crossing,
    garden_lane, hill_terrace, iris_bend, juniper_park, kiln_street, larch_hill,
)  # fmt: skip
