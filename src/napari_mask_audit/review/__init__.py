"""What people decide about masks: the store, the session, the queue, tags and their export.

Import from the modules: ``review.store`` (the database), ``review.session`` (one sitting),
``review.queue`` (the order of samples), ``review.tags``, ``review.location``, ``review.export``.
"""
