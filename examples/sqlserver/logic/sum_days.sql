EXECUTE sales.sum_days;
