package dev.jlora.datasets;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.data.Row;
import dev.jlora.data.image.ImageFiles;
import dev.jlora.io.FormatException;
import dev.jlora.spi.DatasetFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A folder with one subfolder of images per class ({@code cats/1.png}), also inside a zip ({@code
 * pets.zip}, {@code pets.zip/train}). Has the columns {@code image} (the path) and {@code label}
 * (the name of the class). Images of the classes alternate, so that the first rows contain all
 * classes.
 */
public final class ImageFolderFormat implements DatasetFormat {
  private static final List<String> COLUMNS = List.of("image", "label");
  private static final Set<String> SPLITS = Set.of("train", "test", "validation", "valid", "val");

  @Override
  public String name() {
    return "imagefolder";
  }

  @Override
  public boolean accepts(Path file) {
    return Files.isDirectory(file) || ImageFiles.archive(file) != null;
  }

  @Override
  public Dataset read(Path folder, ReadOptions options) {
    ImageTree tree = ImageTree.of(folder);
    TreeMap<String, List<Path>> classes = new TreeMap<>();
    for (Path image : tree.images()) {
      Path below = folder.relativize(image);
      if (below.getNameCount() < 2) {
        throw new FormatException(
            image,
            "is not in the folder of a class.",
            "Put each image of %s into a folder that is named after its class.".formatted(folder));
      }
      classes.computeIfAbsent(below.getName(0).toString(), _ -> new ArrayList<>()).add(image);
    }
    check(folder, tree, classes);
    return Dataset.of(folder.toString(), rows(classes, options.limit()));
  }

  private static void check(Path folder, ImageTree tree, TreeMap<String, List<Path>> classes) {
    if (classes.isEmpty()) {
      throw new FormatException(
          folder,
          "has no images%s.".formatted(tree.others() == 0 ? "" : ", only other files"),
          "Give a folder with a folder of PNG, JPEG, WebP, GIF, BMP or TIFF images for each class;"
              + " for rows of text, name their file.");
    }
    Set<String> splits = new TreeSet<>(classes.keySet());
    if (SPLITS.containsAll(splits)) {
      throw new FormatException(
          folder,
          "has the splits %s, no classes.".formatted(splits),
          "Name one of them: %s.".formatted(folder.resolve(splits.iterator().next())));
    }
    if (classes.size() == 1) {
      throw new FormatException(
          folder,
          "has only the class '%s'.".formatted(classes.firstKey()),
          "Give a folder with a folder of images for each of two or more classes.");
    }
  }

  private static List<Row> rows(TreeMap<String, List<Path>> classes, int limit) {
    List<Row> rows = new ArrayList<>();
    boolean more = true;
    for (int turn = 0; more; turn++) {
      more = false;
      for (var entry : classes.entrySet()) {
        if (turn < entry.getValue().size() && rows.size() < limit) {
          String image = entry.getValue().get(turn).toString();
          rows.add(new Row(COLUMNS, List.of(image, entry.getKey()), image, 0));
          more = true;
        }
      }
    }
    return rows;
  }
}
