"""What could still single a person out in a text whose direct identifiers are gone."""
