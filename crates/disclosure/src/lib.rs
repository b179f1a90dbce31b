//! Shows only what was chosen: the chosen credential set, what a wallet could answer, and the smallest presentation that does.
