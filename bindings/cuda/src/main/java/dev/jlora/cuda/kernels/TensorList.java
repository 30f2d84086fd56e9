package dev.jlora.cuda.kernels;

import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of one launch, as the struct {@code tensor_list} of {@code adamw.cu}, which is passed
 * by value in the arguments of the kernel.
 *
 * @param words the struct
 * @param chunks number of blocks of the launch: one for each {@value #CHUNK} elements of a tensor
 */
record TensorList(int[] words, int chunks) {
  /** Maximum number of tensors in a launch, limited by the size of a kernel's arguments. */
  static final int TENSORS = 80;

  /** Elements of a block. */
  static final int CHUNK = 8192;

  private static final int ADDRESSES = 5;
  private static final int COUNTS = 2 * ADDRESSES * TENSORS;
  private static final int FIRST_CHUNKS = COUNTS + TENSORS;
  private static final int SIZE = FIRST_CHUNKS + TENSORS + 2; // a multiple of 8 bytes

  /**
   * One tensor with its associated tensors.
   *
   * @param parameter address, 0 if the kernel does not read it; likewise the others
   * @param steps address of the step count of this tensor
   * @param count of elements
   */
  record Entry(
      long parameter, long gradient, long average, long squareAverage, long steps, long count) {}

  /** Splits entries into launches; empty tensors are left out. */
  static List<TensorList> of(List<Entry> entries) {
    List<Entry> work = entries.stream().filter(entry -> entry.count() > 0).toList();
    List<TensorList> lists = new ArrayList<>();
    for (int first = 0; first < work.size(); first += TENSORS) {
      lists.add(pack(work.subList(first, Math.min(work.size(), first + TENSORS))));
    }
    return lists;
  }

  private static TensorList pack(List<Entry> entries) {
    int[] words = new int[SIZE];
    int chunks = 0;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      address(words, 0, i, entry.parameter());
      address(words, 1, i, entry.gradient());
      address(words, 2, i, entry.average());
      address(words, 3, i, entry.squareAverage());
      address(words, 4, i, entry.steps());
      words[COUNTS + i] = Math.toIntExact(entry.count());
      words[FIRST_CHUNKS + i] = chunks;
      chunks = Math.addExact(chunks, chunks(entry.count()));
    }
    words[FIRST_CHUNKS + TENSORS] = entries.size();
    return new TensorList(words, chunks);
  }

  private static void address(int[] words, int array, int index, long address) {
    int at = 2 * (array * TENSORS + index);
    words[at] = (int) address;
    words[at + 1] = (int) (address >>> Integer.SIZE);
  }

  /** Number of blocks for a tensor of {@code count} elements. */
  static int chunks(long count) {
    return Math.toIntExact(Math.ceilDiv(count, CHUNK));
  }
}
