"""Where keys live: the keyring of the operating system, and what stands in when there is none."""
