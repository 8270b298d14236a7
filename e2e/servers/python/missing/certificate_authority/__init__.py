"""A sub-package that the release of Confidant on PyPI lacks, though it imports it. Only its routes for certificates,
which no test uses, need more than the names."""
