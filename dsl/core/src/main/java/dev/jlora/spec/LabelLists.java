package dev.jlora.spec;

/** How lists in the label column of a task with several labels are written. */
public enum LabelLists {
  /** Each item is a label: its name or its id, as in {@code ["fun", "long"]} or {@code [0, 3]}. */
  LABELS,
  /** One value from 0 to 1 for each label, in the order of the labels: {@code [1, 0, 0, 1]}. */
  FLAGS
}
