/** Datasets in files: JSONL, CSV and TSV, plain or as {@code .gz}, and folders of images. */
@NullMarked
package dev.jlora.datasets;

import org.jspecify.annotations.NullMarked;
