"""What came of a submission: grades, class results, statistics, the gradebook."""
