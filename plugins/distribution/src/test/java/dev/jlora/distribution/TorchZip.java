package dev.jlora.distribution;

import dev.jlora.io.SafetensorsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes float32 tensors as {@code torch.save} writes them. */
final class TorchZip {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  private TorchZip() {}

  /** Writes the tensors of a safetensors file. */
  static void write(Path safetensors, Path target) throws IOException {
    TorchZip description = new TorchZip();
    description.put("\u0080\u0002}(");
    try (SafetensorsFile file = SafetensorsFile.open(safetensors);
        OutputStream out = Files.newOutputStream(target);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      List<String> names = List.copyOf(file.entries().keySet());
      for (int i = 0; i < names.size(); i++) {
        SafetensorsFile.Entry entry = file.entry(names.get(i));
        description.tensor(entry, Integer.toString(i));
        byte[] bytes = file.bytes(entry.name()).toArray(ValueLayout.JAVA_BYTE);
        entry(zip, "adapter/data/" + i, bytes);
      }
      description.put("u.");
      entry(zip, "adapter/data.pkl", description.pickle.toByteArray());
    }
  }

  private void tensor(SafetensorsFile.Entry entry, String key) {
    text(entry.name());
    put("ctorch._utils\n_rebuild_tensor_v2\n((");
    text("storage");
    put("ctorch\nFloatStorage\n");
    text(key);
    text("cpu");
    number(entry.bytes() / Float.BYTES);
    put("tQK\0(");
    entry.shape().forEach(this::number);
    put("t(");
    long stride = 1;
    for (long size : entry.shape()) {
      stride *= size;
    }
    for (long size : entry.shape()) {
      stride /= size;
      number(stride);
    }
    put("t\u0089}tR");
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    put("X");
    pickle.writeBytes(little(bytes.length));
    pickle.writeBytes(bytes);
  }

  private void number(long value) {
    put("J");
    pickle.writeBytes(little((int) value));
  }

  private void put(String bytes) {
    pickle.writeBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] little(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
