"""Money: who pays for whom, what is owed, how it is charged, and the books. Who is told is `school.entitlement`'s."""
