"""Parents' pages about letters: subscribing by e-mail, and what a letter's link opens."""
