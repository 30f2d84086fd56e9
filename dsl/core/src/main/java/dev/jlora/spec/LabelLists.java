package dev.jlora.spec;

/** Notation of lists in the label column of a multi-label task. */
public enum LabelLists {
  /** Each item is a label, its name or its id: {@code ["fun", "long"]} or {@code [0, 3]}. */
  LABELS,
  /** One value from 0 to 1 for each label, in the order of the labels: {@code [1, 0, 0, 1]}. */
  FLAGS
}
