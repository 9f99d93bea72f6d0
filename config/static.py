"""How static files are named, so that browsers may keep them for good."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class NamedByContent(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Every file under a name with the digest of its content, the modules that other modules import among them.

    Without those an upgrade would mix new modules with old ones that a browser still has.
    """

    support_js_module_import_aggregation = True
