"""Where the review store of a dataset is kept, unless the user says otherwise.

Beside the masks if the folder can be written, so that the verdicts travel with them; otherwise in
the user's own data folder, which is said aloud.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from platformdirs import user_data_path

from napari_mask_audit.errors import DatasetError

FOLDER = ".mask-audit"
FILE = "review.sqlite"

#: Key of the dataset in a store that belongs to one dataset folder: the folder may be renamed.
OWN_STORE_KEY = "."


def default_store_location(
    dataset_folder: str | Path, store: str | Path | None = None
) -> tuple[str, str | None]:
    """Where to keep the verdicts on a dataset, and what to tell the user about it.

    Parameters
    ----------
    dataset_folder : str or pathlib.Path
        The dataset; must exist. Whether it can be written is found by writing.
    store : str or pathlib.Path, optional
        The user's own choice, a path or a URL, which wins. A folder gets ``review.sqlite``.

    Returns
    -------
    where : str
        A path or URL for :meth:`~napari_mask_audit.review.store.ReviewStore.open`.
    note : str or None
        A sentence for the user when the place is not the usual one.

    Raises
    ------
    DatasetError
        ``no-dataset`` if there is no such folder.
    """
    if store is not None:
        return _chosen(store), None
    folder = Path(dataset_folder)
    if not folder.is_dir():
        raise DatasetError("no-dataset", "expected a dataset folder, found none", file=folder)
    inside, outside = folder / FOLDER / FILE, _in_user_folder(folder)
    if not _can_write(inside):
        note = f"the dataset folder {folder} is read-only; verdicts are kept in {outside}"
        if inside.exists() and not outside.exists():
            note += f"; those already in {inside} are not read (copy that file there first)"
        return str(outside), note
    if outside.exists() and not inside.exists():
        return str(outside), (
            f"verdicts are kept in {outside}, begun when the dataset folder was read-only; "
            f"move that file to {inside} to keep them with the dataset"
        )
    return str(inside), None


def existing_store(dataset_folder: str | Path, store: str | Path | None = None) -> str | None:
    """The store that :func:`default_store_location` would use, if there is one; writes nothing.

    A URL is given back as it is: whether a server has verdicts is found by opening it.
    """
    if store is not None:
        where = _chosen(store)
        return where if "://" in where or Path(where).is_file() else None
    folder = Path(dataset_folder)
    inside, outside = folder / FOLDER / FILE, _in_user_folder(folder)
    if outside.is_file() and not (inside.is_file() and os.access(inside, os.W_OK)):
        return str(outside)
    return str(inside) if inside.is_file() else None


def dataset_key(dataset_folder: str | Path, where: str | Path, name: str | None = None) -> str:
    """How a store names the dataset.

    A store in its default place belongs to one dataset, which stays the same when the folder is
    renamed. In a shared database the dataset goes by its name, which must be the same on every
    machine of the team: ``name`` from ``dataset.toml``, else the folder's name.

    Parameters
    ----------
    dataset_folder : str or pathlib.Path
        The dataset.
    where : str or pathlib.Path
        The store, as given by :func:`default_store_location`.
    name : str, optional
        The dataset's name in ``dataset.toml``.
    """
    folder = Path(dataset_folder).resolve()
    own = {folder / FOLDER / FILE, _in_user_folder(folder).resolve()}
    if "://" not in str(where) and Path(where).resolve() in own:
        return OWN_STORE_KEY
    return name or folder.name


def _chosen(store: str | Path) -> str:
    if isinstance(store, str) and "://" in store:
        return store
    path = Path(store).expanduser()
    return str(path / FILE if path.is_dir() else path)


def _in_user_folder(folder: Path) -> Path:
    """One file per dataset path; the name says which, the digest keeps namesakes apart."""
    resolved = folder.resolve()
    digest = hashlib.sha256(str(resolved).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", resolved.name)[:60] or "dataset"
    return user_data_path("mask-audit", appauthor=False) / "reviews" / f"{name}-{digest}.sqlite"


def _can_write(file: Path) -> bool:
    """Whether SQLite could keep the file there: it also needs its companions beside it."""
    try:
        file.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent):
            pass
        if file.exists():
            with file.open("r+b"):
                pass
    except OSError:
        return False
    return True
