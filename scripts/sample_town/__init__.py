"""The sample town: shapes, scenes, pictures, and masks with planted defects."""
