"""Reports as pages, charts and files. Which there are, school.reports knows."""
