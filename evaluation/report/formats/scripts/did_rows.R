rows_of <- function(panel, outcome) {
  rows <- panel[panel[[round_column]] %in% rounds, ]
  if (members_only) rows <- rows[rows$panel_member == 1, ]
  rows$did_y <- as.numeric(rows[[outcome]])
  for (name in covariates) rows[[name]] <- as_covariate(rows[[name]])
  known <- is.finite(rows$did_y)
  for (name in covariates) known <- known & !is.na(rows[[name]])
  rows <- rows[known, ]
  rows$did_cluster <- as.character(rows[[cluster_column]])
  rows$did_post <- as.numeric(rows[[round_column]] == rounds[2])
  both <- intersect(rows$did_cluster[rows$did_post == 0], rows$did_cluster[rows$did_post == 1])
  rows <- rows[rows$did_cluster %in% both, ]
  rows$did_w <- weights_of(rows)
  rows
}

# The tested column is the first; effects of the clusters are added or removed elsewhere.
columns_of <- function(rows) {
  given <- as.character(rows[[arm_column]])
  X <- cbind(effect = (given %in% treated_arms) * rows$did_post, post = rows$did_post)
  for (name in names(adjusted_arms)) {
    X <- cbind(X, (given %in% adjusted_arms[[name]]) * rows$did_post)
    colnames(X)[ncol(X)] <- name
  }
  if (stratum_column != "") {
    stratum <- factor(as.character(rows[[stratum_column]]))
    X <- cbind(X, model.matrix(~stratum)[, -1, drop = FALSE] * rows$did_post)
  }
  for (name in covariates) {
    X <- cbind(X, model.matrix(~x, data.frame(x = rows[[name]]))[, -1, drop = FALSE])
  }
  X
}

# The fit with a column for every cluster; the effect is its first coefficient.
full_fit <- function(rows, X) {
  data <- data.frame(y = rows$did_y, cluster = factor(rows$did_cluster), w = rows$did_w)
  data$X <- X
  list(fit = lm(y ~ 0 + X + cluster, data, weights = w), data = data)
}

# Deviations from the weighted cluster means: what is left of the columns after cluster effects.
without_effects <- function(rows, X) {
  w <- rows$did_w
  deviation <- function(v) {
    v - ave(w * v, rows$did_cluster, FUN = sum) / ave(w, rows$did_cluster, FUN = sum)
  }
  list(X = apply(X, 2, deviation), y = deviation(rows$did_y), w = w,
       parts = split(seq_len(nrow(rows)), rows$did_cluster))
}
