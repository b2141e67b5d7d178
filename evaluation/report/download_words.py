"""Fixed words of the downloads, in English and Spanish: sheets, heads, footers."""

# Marks of the spreadsheet programs of each language: what is between cells, and before decimals.
SEPARATORS = {"en": ",", "es": ";"}
DECIMALS = {"en": ".", "es": ","}
# The language with its country, which decides hyphens and spelling in word processors.
LOCALES = {"en": "en-US", "es": "es-CO"}
