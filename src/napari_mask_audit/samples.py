"""Where the sample town is: the small dataset with planted defects that ships with the package.

The demo, the docs and the tests all start from it. In a wheel it lies inside the package, in a
checkout at the top of the repository; nobody else has to know which.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .errors import DatasetError

FOLDER = "sample_masks"
_MARKER = "dataset.toml"


def sample_masks_path() -> Path:
    """Folder of the sample dataset, to be read only.

    Returns
    -------
    pathlib.Path
        ``sample_masks`` inside the installed package, otherwise the one of the checkout.

    Raises
    ------
    DatasetError
        ``sample-data-missing`` when neither holds a ``dataset.toml``.

    Examples
    --------
    >>> sample_masks_path().name
    'sample_masks'
    """
    here = Path(__file__).resolve()
    places = [parent / FOLDER for parent in (here.parent, *here.parents[2:3])]
    for folder in places:
        if (folder / _MARKER).is_file():
            return folder
    looked = " and ".join(str(folder) for folder in places)
    raise DatasetError(
        "sample-data-missing",
        f"the sample dataset is not installed: looked for {_MARKER} in {looked}. "
        "Install the package again, or use a full checkout.",
    )


def copy_sample_masks(destination: str | Path) -> Path:
    """Copy the sample dataset to a folder of your own; files that are already there stay.

    Parameters
    ----------
    destination : str or pathlib.Path
        Folder to hold ``dataset.toml``, ``images`` and ``masks``; made when it does not exist.

    Returns
    -------
    pathlib.Path
        The destination. Its files are writable even where the installed ones are not.

    Raises
    ------
    DatasetError
        ``sample-data-missing`` when there is nothing to copy, ``sample-copy-failed`` when the
        destination cannot be written.
    """
    source, target = sample_masks_path(), Path(destination)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.rglob("*")):
            _copy_file(file, target / file.relative_to(source))
    except OSError as error:
        raise DatasetError(
            "sample-copy-failed",
            f"the sample dataset cannot be copied there ({error.strerror}). "
            "Choose a folder that you may write to.",
            file=target,
        ) from error
    return target


def _copy_file(file: Path, target: Path) -> None:
    """Copy the content only: an installed file may be read-only, the copy must not be."""
    if file.is_dir():
        target.mkdir(exist_ok=True)
    elif not target.exists():
        shutil.copyfile(file, target)
