"""Chinese clinical text: words, mentions and what is said of them."""
