"""The embedded entity engine: dictionaries, word-formation rules and context guards."""
