"""Parts of the search for identifiers: patterns in a text, ids, properties of files, columns."""
