number <- vapply(found, is.numeric, logical(1))
found[number] <- lapply(found[number], function(x) sprintf("%.15g", x))
write.csv(found, stdout(), row.names = FALSE, quote = FALSE)
