"""What the names of folders and files say: a picture, a mask, whose mask, and what is no mask."""

from __future__ import annotations

import re
from collections.abc import Collection

from .model import Role

#: Words that say "this is a mask of somebody", in folder and file names.
ROLE = re.compile(
    r"gt|gold|ground.?truth|truth|ref(erence)?|labels?|mask|seg(mentation)?|annotat|annotations?|anno"
    r"|pred(iction)?s?|model|\w*net|baseline|raters?|readers?|observer|obs|person|experts?|radiologist"
    r"|turk|crowd|manual|auto|res(ults?)?$",
    re.I,
)
#: Words that say "this is the picture".
PICTURE = re.compile(
    r"(jpe?g)?ima?ge?s?(tr|ts|va)?|imgs?(tr|ts|va)?|raw|photos?|pictures?|left.?img.*|input", re.I
)
_REFERENCE = re.compile(
    r"(^|[^a-z])(gt|gold|ground.?truth|ref|reference|labels?)|manual|truth", re.I
)
_PREDICTION = re.compile(
    r"pred|model|net|deep|auto|otsu|baseline|cellpose|stardist|(^|[^a-z])res(ults?)?($|[^a-z])",
    re.I,
)
#: What lies beside somebody's masks of classes and is none, by its last word; and what it is.
_BESIDE = {
    r"(instance|object)s?(.?ids?)?": "numbers objects, and another source has their classes",
    r"colou?rs?|rgb|vis(ualization)?|overlay": "coloured for looking at",
    r"tra|track(s|ing)?": "markers for tracking, not whole objects",
}
_CLASSES = re.compile(r"label|class|semantic|^seg(mentation)?s?$", re.I)
_FIELD_OF_VIEW = re.compile(r"fov|roi|valid|masks?", re.I)
_SAYS_MASK = re.compile(r"masks?|labels?|gt|ground.?truth|truth|segmentations?|annotations?", re.I)
#: Words for a part of a dataset, which say nothing about its files.
_PARTS = ("train", "training", "val", "validation", "test", "testing")


def role_share(name: str) -> float:
    """Share of the words in a name that are those of a source of masks, or of the images.

    Examples
    --------
    >>> [role_share(name) for name in ("gt", "pred_rf", "images", "patient_07", "radiologist3")]
    [1.0, 0.5, 1.0, 0.0, 1.0]
    """
    words = re.split(r"[/_\-. ]+|(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)", name)
    words = [word for word in words if word and not word.isdigit()]
    fitting = sum(bool(ROLE.match(word) or PICTURE.fullmatch(word)) for word in words)
    return fitting / len(words) if words else 0.0


def says_picture(name: str) -> bool:
    """Whether a name is that of a folder or file of images.

    Examples
    --------
    >>> [says_picture(n) for n in ("images", "img", "leftImg8bit", "image_masks")]
    [True, True, True, False]
    """
    words = [word for word in re.split(r"[/_\-. ]+", name) if word]
    words = [word for word in words if word.lower() not in _PARTS] or words
    return bool(words) and all(PICTURE.fullmatch(re.sub(r"\d+$", "", word)) for word in words)


def says_mask(name: str) -> bool:
    """Whether a name is that of masks and of nothing else.

    Examples
    --------
    >>> [says_mask(name) for name in ("masks", "gt_train", "annotated", "labels-images", "images")]
    [True, True, False, False, False]
    """
    words = [word for word in re.split(r"[/_\-. ]+", name) if word.lower() not in _PARTS]
    return bool(words) and all(_SAYS_MASK.fullmatch(word) for word in words)


def no_mask(name: str, others: Collection[str]) -> str | None:
    """Why the masks of a source are probably no masks of classes or objects; None where they are.

    Parameters
    ----------
    name : str
        The source.
    others : collection of str
        The sources beside it. Only one that begins alike, and so is of the same owner, can be what
        this one lies beside; a field of view lies beside what people drew by hand.

    Examples
    --------
    >>> no_mask("gtFine_instanceIds", ["gtFine_labelIds"])
    'numbers objects, and another source has their classes'
    >>> no_mask("pred_instances", ["gt_instances", "gt_labels"]) is None
    True
    """
    *start, last = _words(name)
    for other in map(_words, others):
        if other[:-1] == start and other[-1] != last and _CLASSES.search(other[-1]):
            for pattern, why in _BESIDE.items():
                if re.fullmatch(pattern, last, re.I):
                    return why
    is_field = _FIELD_OF_VIEW.fullmatch(last) and all(word.lower() in _PARTS for word in start)
    if is_field and any(re.search("manual", other, re.I) for other in others):
        return "probably the part of the picture that counts"
    return None


def _words(name: str) -> list[str]:
    """Words of a name, ``Ids`` with the one before it."""
    words = [word for word in re.split(r"[/_\-. ]+|(?<=[a-z])(?=[A-Z])", name) if word] or [name]
    if len(words) > 1 and words[-1].lower() in ("ids", "id"):
        words[-2:] = ["".join(words[-2:])]
    return words


def guess_role(name: str) -> Role:
    """What a source seems to be for, from its name.

    Examples
    --------
    >>> [guess_role(n).value for n in ("seg-manual", "pred_rf", "obs1_1stHO", "gtFine_labelIds")]
    ['reference', 'prediction', 'annotator', 'reference']
    """
    if _PREDICTION.search(name) and not re.search(r"manual|truth", name, re.I):
        return Role.PREDICTION
    return Role.REFERENCE if _REFERENCE.search(name) else Role.ANNOTATOR
