package io.llamastreams.documents;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Whether links lead somewhere, both where the files are read as they lie and where the site is rendered: pages of the site link to each
 * other and to pictures alone, and to anchors that are written out, since renderers make different ones of headings. External
 * addresses are not asked, only read.
 */
final class Links {
    private final Function<Path, Page> reader;
    private int checked;

    /** @param reader of pages that are linked to */
    Links(Function<Path, Page> reader) {
        this.reader = reader;
    }

    List<String> problems(Page page) {
        List<String> problems = new ArrayList<>();
        for (Page.Link link : page.links()) {
            checked++;
            String problem = problem(page, link.target());
            if (!problem.isEmpty()) {
                problems.add(page.place(link.line()) + link.target() + ": " + problem);
            }
        }
        return problems;
    }

    int checked() {
        return checked;
    }

    private String problem(Page page, String target) {
        if (target.matches("[a-z]+:.*")) {
            return externalProblem(target);
        }
        String path = target.replaceFirst("#.*", "");
        Path file = path.isEmpty() ? page.file() : resolve(page.file(), path);
        if (!Files.exists(file)) {
            return "no such file";
        }
        if (Documents.isOfSite(page.file())
                && !Documents.isOfSite(file)
                && !file.startsWith(Documents.SITE_RESOURCES)) {
            return "leads out of the site, where nothing is when it is rendered";
        }
        if (!target.contains("#")) {
            return "";
        }
        Page linked = file.equals(page.file()) ? page : reader.apply(file);
        Set<String> anchors = new HashSet<>(linked.explicitAnchors());
        if (!Documents.isOfSite(file)) {
            anchors.addAll(linked.headingAnchors());
        }
        return anchors.contains(target.substring(target.indexOf('#') + 1))
                ? ""
                : "no such anchor, there are " + anchors;
    }

    /** Pictures of the site lie with its resources, which are beside its pages when it is rendered. */
    private static Path resolve(Path from, String target) {
        boolean picture = Documents.isOfSite(from) && target.startsWith("images/");
        return (picture ? Documents.SITE_RESOURCES.resolve(target) : from.resolveSibling(target)).normalize();
    }

    private static String externalProblem(String target) {
        try {
            URI uri = new URI(target);
            return "https".equals(uri.getScheme()) && uri.getHost() != null ? "" : "expected https and a host";
        } catch (URISyntaxException e) {
            return e.getMessage();
        }
    }
}
