"""One module per part: `provide(engines, *, neighbour, ...)` makes it and says what it offers."""
