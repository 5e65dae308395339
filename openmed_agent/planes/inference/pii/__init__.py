"""Finding and removing identifiers of persons in clinical text.

`detector.detect` finds, `deidentify.deidentify` removes, `residual.residual_identifiers` checks what is left and
`labels` maps labels to the Safe Harbor categories. Nothing here reaches a network, and importing this package
loads nothing.
"""
