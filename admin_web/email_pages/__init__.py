"""Parents' pages about letters: following by e-mail, and the choices that a letter's link opens."""
