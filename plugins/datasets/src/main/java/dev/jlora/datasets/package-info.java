/** Datasets in files of lines: JSONL, CSV and TSV, each of them plain or as {@code .gz}. */
@NullMarked
package dev.jlora.datasets;

import org.jspecify.annotations.NullMarked;
