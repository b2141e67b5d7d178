suppressPackageStartupMessages({
  library(haven)
  library(sandwich)
})
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) > 0) panel_file <- arguments[1]

# ---- Rows and weights of one outcome -------------------------------------------------------------

# Numbers as they are; labelled and text columns as categories.
as_covariate <- function(x) {
  if (is.labelled(x)) as_factor(zap_missing(x)) else if (is.character(x)) factor(x) else x
}

# equal: the rows of a cluster in a round sum to one; population: to the cluster's population.
weights_of <- function(rows) {
  w <- if (weight_column == "") rep(1, nrow(rows)) else as.numeric(rows[[weight_column]])
  if (inverse_weights) w <- 1 / w
  if (estimand == "respondents") return(w)
  w <- w / ave(w, rows$did_cluster, rows$did_post, FUN = sum)
  if (estimand == "population") w <- w * as.numeric(rows[[population_column]])
  w
}
