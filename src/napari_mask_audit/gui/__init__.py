"""The napari plugin: docks over one review session per viewer.

The only folder that knows Qt and napari; nothing imports it. ``launch.review`` opens a window on
a dataset; the rest is found by napari through ``napari.yaml``. Within the folder, only
``layers.py`` touches ``viewer.layers`` and only ``worker.py`` has threads.
"""
