analyse <- function(panel, outcome) {
  rows <- rows_of(panel, outcome)
  X <- columns_of(rows)
  full <- full_fit(rows, X)
  d <- without_effects(rows, X)
  found <- by_errors(outcome, full, d)
  estimate <- found$estimate[1]
  error <- found$std_error[1]
  g <- length(d$parts)
  set.seed(1)
  blocks <- multipliers(g, draws)
  s <- wild_scores(d)
  p <- wild_p(s, 0, estimate, error, blocks)
  # the ends of the set from the first block, to save time
  p_of <- function(r) wild_p(s, r, estimate, error, blocks[1])
  ends <- set_ends(p_of, estimate, error, far = 4, fine = 1e-3)
  rbind(found, line(outcome, "wcr_s", estimate, error, g - 1, nrow(rows), g, p, ends))
}

panel <- as.data.frame(read_dta(panel_file))
found <- do.call(rbind, lapply(outcomes, function(outcome) analyse(panel, outcome)))
