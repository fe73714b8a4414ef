"""The class teacher's pages: the class, excuses, guardians, codes, requests to follow."""
